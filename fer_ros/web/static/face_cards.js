// A card for each face: label, confidence, a bar for each class, attributes. Each face keeps its
// card while it is there. Faces of a picture have no id.
import { labelled, percent, word } from '/static/page.js';

export default {
  template: `
    <div class="faces">
      <article v-for="face in faces" :key="face.id || face.person" class="face">
        <header>
          <i class="dot" :style="{ background: face.colour }"></i>
          <strong>{{ labelled(face.label) }}</strong>
          <span class="number">{{ percent(face.confidence) }}</span>
          <span v-if="face.looks" class="looks" :title="word('the head is turned to the robot')">{{ word('looks here') }}</span>
          <span class="who">{{ word('person') }} {{ face.person }}</span>
          <code v-if="face.id">{{ face.id }}</code>
        </header>
        <dl class="bars">
          <template v-for="bar in face.bars" :key="bar.name">
            <dt>{{ word(bar.name) }}</dt>
            <dd><i :style="{ transform: 'scaleX(' + bar.value + ')', background: bar.colour }"></i></dd>
            <dd class="number">{{ percent(bar.value) }}</dd>
          </template>
        </dl>
        <dl v-if="face.attributes.length" class="bars attributes">
          <template v-for="bar in face.attributes" :key="bar.name">
            <dt>{{ bar.name }}</dt>
            <dd><i :style="{ transform: 'scaleX(' + bar.value + ')' }"></i></dd>
            <dd class="number">{{ percent(bar.value) }}</dd>
          </template>
        </dl>
      </article>
    </div>`,
  props: { faces: { type: Array, default: () => [] } },
  methods: { labelled, percent, word },
};
