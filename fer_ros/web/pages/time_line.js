// The last minute, right is now: a line for each face, coloured by its label.
export default {
  template: `
    <div class="lines">
      <div v-for="row in rows" :key="row.id" class="line" :class="{ gone: !row.here }">
        <code>{{ row.id }}</code>
        <div class="track">
          <i v-for="segment in row.segments" :key="segment.key" :style="place(segment)"
            :title="segment.label"><span :style="{ color: segment.ink }">{{ segment.label }}</span></i>
        </div>
      </div>
      <div class="line scale" v-if="rows.length">
        <code></code>
        <div><span>{{ span }} s ago</span><span>{{ span / 2 }} s</span><span>now</span></div>
      </div>
    </div>`,
  props: {
    rows: { type: Array, default: () => [] },
    span: { type: Number, default: 60 },
  },
  methods: {
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
