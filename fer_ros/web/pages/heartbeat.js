// Whether the server answers. The page sends the time by its own clock and gets it back on the
// connection that brings everything else: what is shown is at least as new as the last answer.
// While that is too old, the body has the class "lost", and nothing is shown as now.
import { told, word } from '/static/page.js';

const PERIOD = 500;
const LOST = 2000;

export default {
  template: `
    <div v-if="lost" class="lost-told" role="alert">
      <i class="dot"></i>
      <span>{{ word('no connection') }}</span>
      <small class="quiet">{{ told('nothing heard of the server for ' + silence + ' s') }}</small>
    </div>`,
  props: { echo: { type: Number, default: 0 } },
  data() {
    return { lost: false, silence: 0 };
  },
  mounted() {
    // The framework has written its own language there.
    document.documentElement.lang = window.ferLanguage;
    this.answered = performance.now();
    this.timer = setInterval(() => this.beat(), PERIOD);
    this.look = () => this.judge();
    document.addEventListener('visibilitychange', this.look);
  },
  unmounted() {
    clearInterval(this.timer);
    document.removeEventListener('visibilitychange', this.look);
  },
  watch: {
    echo(sent) {
      this.answered = Math.max(this.answered, sent);
      this.judge();
    },
  },
  methods: {
    told,
    word,
    beat() {
      // What is sent without a connection is kept, and would all be sent later.
      if (window.socket?.connected) this.$emit('beat', performance.now());
      this.judge();
    },
    judge() {
      const silence = performance.now() - this.answered;
      this.lost = silence > LOST;
      this.silence = Math.floor(silence / 1000);
      document.body.classList.toggle('lost', this.lost);
    },
  },
};
