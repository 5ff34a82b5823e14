// The controls of the pipeline. The card is shown if the operator allows changes. If a change is
// refused, the card shows the reason and the current values.
import { ask, word } from '/static/page.js';

// Milliseconds between two requests for the values, which other people can change, too.
const LOOK = 5000;

// Time constants at the ends of the slider for smoothing, seconds.
const FASTEST = 0.05;
const CALMEST = 3;
const STEPS = 100;

export default {
  template: `
    <section v-if="enabled" class="card controls" :aria-label="word('Controls')">
      <h2 class="title">{{ word('Controls') }}</h2>
      <p v-if="!state" class="quiet nothing">{{ reason }}</p>
      <form v-else @submit.prevent :aria-busy="busy">
        <div v-if="state.camera_on !== null" class="row">
          <span>{{ word(state.camera_on ? 'The camera is on.' : 'The camera is off.') }}</span>
          <button type="button" class="action camera" :disabled="busy"
            @click="send('/camera', { on: !state.camera_on })">
            {{ word(state.camera_on ? 'Turn it off' : 'Turn it on') }}</button>
        </div>
        <label v-if="state.sources.length" class="field">{{ word('Source') }}
          <select name="source" :disabled="busy" :value="state.source" @change="choose('source', $event)">
            <option v-for="name in state.sources" :key="name">{{ name }}</option>
          </select>
        </label>
        <fieldset>
          <legend>{{ word('Sensitivity') }}</legend>
          <label class="slider"><span>{{ word('How fast a label follows the face') }}</span>
            <input type="range" name="time_constant" min="0" :max="STEPS" :disabled="busy || !smooth"
              :value="position" :aria-valuetext="seconds" @change="calm($event)">
            <span class="ends"><i>{{ word('quick') }}</i><i>{{ word('calm') }}</i></span>
          </label>
          <p v-if="!smooth" class="quiet">{{ word('The current smoothing method does not use this time.') }}</p>
          <label class="slider"><span>{{ word('How certain a label must be') }}</span>
            <input type="range" name="uncertain_threshold" min="0" max="100" :disabled="busy"
              :value="Math.round(100 * state.sensitivity.uncertain_threshold)"
              :aria-valuetext="percent(state.sensitivity.uncertain_threshold)"
              @change="send('/controls', { uncertain_threshold: $event.target.value / 100 })">
            <span class="ends"><i>{{ word('always shows a label') }}</i>
              <i>{{ word('only clear expressions') }}</i></span>
          </label>
          <button type="button" class="action reset" :disabled="busy || isUsual"
            @click="send('/controls', state.usual)">{{ word('Reset') }}</button>
        </fieldset>
        <label v-if="state.models.length" class="field">{{ word('Model') }}
          <select name="model" :disabled="busy" :value="state.model" @change="choose('model', $event)">
            <option v-for="name in state.models" :key="name">{{ name }}</option>
          </select>
        </label>
        <label v-if="state.detectors.length" class="field">{{ word('Face detector') }}
          <select name="detector" :disabled="busy" :value="state.detector" @change="choose('detector', $event)">
            <option v-for="name in state.detectors" :key="name">{{ name }}</option>
          </select>
        </label>
      </form>
      <p v-if="busy" class="quiet" role="status">{{ word('Changing …') }}</p>
      <p v-if="refused" class="problem" role="alert">{{ word('Refused') }}: {{ refused }}</p>
    </section>`,
  data() {
    return { enabled: false, reason: '', state: null, busy: false, refused: '', STEPS };
  },
  computed: {
    smooth() {
      return this.state.smoothing === 'ema';
    },
    position() {
      const share = Math.log(this.state.sensitivity.time_constant / FASTEST) / Math.log(CALMEST / FASTEST);
      return Math.round(STEPS * Math.min(Math.max(share, 0), 1));
    },
    seconds() {
      return `${this.state.sensitivity.time_constant.toFixed(2)} s`;
    },
    isUsual() {
      const { sensitivity, usual } = this.state;
      return Object.keys(usual).every((name) => usual[name] === sensitivity[name]);
    },
  },
  mounted() {
    this.look();
    this.timer = setInterval(() => {
      if (!document.hidden && !this.busy) this.look();
    }, LOOK);
  },
  unmounted() {
    clearInterval(this.timer);
  },
  methods: {
    word,
    percent: (share) => `${Math.round(share * 100)} %`,
    async look() {
      try {
        const told = await (await ask('/controls')).json();
        if (!this.busy) Object.assign(this, told);
      } catch {
        // The header shows that the server does not answer.
      }
    },
    async send(path, change) {
      this.busy = true;
      this.refused = '';
      try {
        const answer = await ask(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(change),
        });
        Object.assign(this, await answer.json());
      } catch (error) {
        this.refused = error.message;
      } finally {
        this.busy = false;
        if (this.refused) await this.look();
        // A field keeps the selected value until it is drawn again.
        this.$forceUpdate();
      }
    },
    choose(name, event) {
      const value = event.target.value;
      event.target.value = this.state[name];
      this.send('/controls', { [name]: value });
    },
    // hold grows with the time constant, as at the start.
    calm(event) {
      const { time_constant, hold } = this.state.usual;
      const seconds = FASTEST * (CALMEST / FASTEST) ** (event.target.value / STEPS);
      const rounded = Math.round(seconds * 1000) / 1000;
      this.send('/controls', {
        time_constant: rounded,
        hold: Math.round((1000 * hold * rounded) / time_constant) / 1000,
      });
    },
  },
};
