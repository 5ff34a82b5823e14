// Detects whether the server answers. The page sends the time of its own clock and receives it back on
// the connection of all other data, so the content is at least as new as the last answer. If that is
// too old, the body has the class "lost", and the page shows nothing as current.
import { told, word } from '/static/page.js';

const PERIOD = 500;
const LOST = 2000;

export default {
  template: `
    <div v-if="lost" class="lost-told" role="alert">
      <i class="dot"></i>
      <span>{{ word('no connection') }}</span>
      <small class="quiet">{{ told('no answer from the server for ' + silence + ' s') }}</small>
    </div>`,
  props: { echo: { type: Number, default: 0 } },
  data() {
    return { lost: false, silence: 0 };
  },
  mounted() {
    // NiceGUI has set its own language.
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
      // Without a connection, messages would be queued and all sent later.
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
