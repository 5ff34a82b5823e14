// The newest picture, and over it what was found. Each picture is confirmed when it is drawn; while
// two are unconfirmed the server sends none, so a slow link shows fewer pictures, never old ones.
import { labelled } from '/static/page.js';

const RETRY = 1000;

// Milliseconds after which a picture is none of now, and between two looks whether it is.
const OLD = 2000;
const LOOK = 500;

export default {
  template: `
    <figure class="picture" :class="{ late, old: number && silence > OLD }">
      <canvas ref="canvas" :class="{ empty: !number }" role="img"
        aria-label="live picture with what was found"></canvas>
      <div class="found">
        <div v-for="face in faces" :key="face.id" class="box" :style="place(face)">
          <span class="tag" :class="{ inside: face.y < 0.08 }"
            :style="{ background: face.colour, color: face.ink }">
            <small>{{ face.person }}</small> {{ labelled(face.label) }} <b>{{ Math.round(face.confidence * 100) }} %</b>
          </span>
        </div>
      </div>
      <figcaption v-if="number && silence > OLD">no picture for {{ Math.floor(silence / 1000) }} s</figcaption>
      <figcaption v-else-if="notice">{{ notice }}</figcaption>
    </figure>`,
  data() {
    return { faces: [], notice: '', late: false, number: 0, silence: 0, OLD };
  },
  mounted() {
    this.onVisibility = () => (document.hidden ? this.disconnect() : this.connect());
    document.addEventListener('visibilitychange', this.onVisibility);
    this.drawn = performance.now();
    this.timer = setInterval(() => (this.silence = performance.now() - this.drawn), LOOK);
    this.connect();
  },
  unmounted() {
    clearInterval(this.timer);
    document.removeEventListener('visibilitychange', this.onVisibility);
    this.disconnect();
  },
  methods: {
    labelled,
    connect() {
      this.disconnect();
      const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/pictures`);
      socket.binaryType = 'arraybuffer';
      socket.onmessage = (message) => this.draw(socket, message.data);
      socket.onclose = () => {
        if (this.socket === socket) this.retry = setTimeout(() => this.connect(), RETRY);
      };
      this.socket = socket;
    },
    disconnect() {
      clearTimeout(this.retry);
      const socket = this.socket;
      this.socket = null;
      socket?.close();
    },
    async draw(socket, data) {
      const length = new DataView(data).getUint32(0);
      const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
      const jpeg = new Blob([new Uint8Array(data, 4 + length)], { type: 'image/jpeg' });
      try {
        const image = await createImageBitmap(jpeg, { imageOrientation: 'none' });
        const canvas = this.$refs.canvas;
        if (canvas) {
          if (canvas.width !== image.width || canvas.height !== image.height) {
            canvas.width = image.width;
            canvas.height = image.height;
          }
          canvas.getContext('2d').drawImage(image, 0, 0);
          Object.assign(this, head, { silence: 0 });
          this.drawn = performance.now();
        }
        image.close();
      } finally {
        if (socket.readyState === WebSocket.OPEN) {
          socket.send(JSON.stringify({ drawn: head.number }));
        }
      }
    },
    place(face) {
      const percent = (share) => `${share * 100}%`;
      return {
        left: percent(face.x),
        top: percent(face.y),
        width: percent(face.width),
        height: percent(face.height),
        borderColor: face.colour,
      };
    },
  },
};
