// Who is in view. Each face keeps its card while it is there.
export default {
  template: `
    <div class="faces">
      <article v-for="face in faces" :key="face.id" class="face">
        <header>
          <i class="dot" :style="{ background: face.colour }"></i>
          <strong>{{ face.label }}</strong>
          <span class="number">{{ percent(face.confidence) }}</span>
          <span v-if="face.looks" class="looks" title="the head is turned to the robot">looks here</span>
          <code>{{ face.id }}</code>
        </header>
        <dl class="bars">
          <template v-for="bar in face.bars" :key="bar.name">
            <dt>{{ bar.name }}</dt>
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
  methods: {
    percent(value) {
      return `${Math.round(value * 100)} %`;
    },
  },
};
