// The last minute, right is now: a line for each face, coloured by its label.
import { word } from '/static/page.js';

export default {
  template: `
    <div class="lines">
      <div v-for="row in rows" :key="row.person" class="line" :class="{ gone: !row.here }">
        <span class="who">{{ word('person') }} {{ row.person }}</span>
        <div class="track">
          <i v-for="segment in row.segments" :key="segment.key" :style="place(segment)"
            :title="word(segment.label)"><span :style="{ color: segment.ink }">{{ word(segment.label) }}</span></i>
        </div>
      </div>
      <div class="line scale" v-if="rows.length">
        <span></span>
        <div><span>{{ span }} s ago</span><span>{{ span / 2 }} s</span><span>now</span></div>
      </div>
    </div>`,
  props: {
    rows: { type: Array, default: () => [] },
    span: { type: Number, default: 60 },
  },
  methods: {
    word,
    place(segment) {
      const percent = (seconds) => `${(seconds / this.span) * 100}%`;
      return {
        right: percent(segment.ago),
        width: percent(segment.length),
        background: segment.colour,
      };
    },
  },
};
