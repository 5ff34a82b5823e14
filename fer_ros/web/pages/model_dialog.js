// The card of the current model: its labels and its limits.
import { ask, word } from '/static/page.js';

export default {
  template: `
    <button class="plain" @click="open()">{{ word('Model') }}</button>
    <dialog ref="dialog" class="dialog" aria-labelledby="model-name" @click.self="close()">
      <h2 id="model-name">{{ model ? word('Model') + ' ' + model.name : word('Model') }}</h2>
      <p v-if="problem" role="alert">{{ problem }}</p>
      <template v-if="model">
        <p>{{ model.description }}</p>
        <h3>{{ word('Limits') }}</h3>
        <p>{{ model.limits || word('The model card lists none.') }}</p>
        <h3>{{ word('Apparent expressions') }}</h3>
        <p>{{ model.labels.map(word).join(', ') }}</p>
        <template v-if="model.accuracy !== null">
          <h3>{{ word('Accuracy') }}</h3>
          <p>{{ Math.round(model.accuracy * 100) }} % ({{ model.accuracy_of }})</p>
        </template>
        <h3>{{ word('Trained on') }}</h3>
        <p>{{ model.data || word('The model card does not say.') }}</p>
        <h3>{{ word('Licence') }}</h3>
        <p>{{ model.licence || word('The model card does not say.') }}</p>
      </template>
      <button class="action" @click="close()">{{ word('Close') }}</button>
    </dialog>`,
  data() {
    return { model: null, problem: '' };
  },
  methods: {
    word,
    async open() {
      this.problem = '';
      this.$refs.dialog.showModal();
      try {
        this.model = await (await ask('/model')).json();
      } catch (error) {
        this.problem = error.message;
      }
    },
    close() {
      this.$refs.dialog.close();
    },
  },
};
