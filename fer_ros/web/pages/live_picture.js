// The newest image with the results drawn over it. The page confirms each drawn image. The server sends
// no image while two are unconfirmed, so a slow link shows fewer images, but no old ones. People can
// pause the image, enlarge it and save it. This happens in the browser and sends nothing.
import FaceMarks from '/static/face_marks.js';
import { download, isolated, labelled, percent, told, word } from '/static/page.js';
import { placeTags } from '/static/tag_places.js';

const RETRY = 1000;

// Milliseconds after which an image is no longer current, and between two checks of that.
const OLD = 2000;
const LOOK = 500;

export default {
  components: { FaceMarks },
  template: `
    <figure class="picture" :class="{ late, held, old: number && !held && silence > OLD }">
      <div class="frame" :style="{ '--aspect': aspect }">
      <canvas ref="canvas" :class="{ empty: !number }" role="img"
        :aria-label="word('live image with the results')"></canvas>
      <face-marks :faces="faces"></face-marks>
      <figcaption v-if="held" role="status">{{ word('paused at') }} {{ held }}</figcaption>
      <figcaption v-else-if="number && silence > OLD">{{ told('no image for ' + Math.floor(silence / 1000) + ' s') }}</figcaption>
      <figcaption v-else-if="notice">{{ told(notice) }}</figcaption>
      </div>
      <div v-if="number" class="tools">
        <button type="button" class="action hold" :aria-pressed="Boolean(held)" @click="hold()">
          {{ word(held ? 'Resume' : 'Pause') }}</button>
        <button type="button" class="action keep" @click="keep()">{{ word('Snapshot') }}</button>
        <button type="button" class="action whole" @click="whole()">{{ word(full ? 'Leave full screen' : 'Full screen') }}</button>
      </div>
    </figure>`,
  data() {
    return { faces: [], notice: '', late: false, number: 0, silence: 0, held: '', full: false, aspect: 4 / 3, OLD };
  },
  mounted() {
    this.onVisibility = () => (document.hidden ? this.disconnect() : this.connect());
    document.addEventListener('visibilitychange', this.onVisibility);
    this.onFull = () => (this.full = document.fullscreenElement === this.$el);
    document.addEventListener('fullscreenchange', this.onFull);
    this.drawn = performance.now();
    this.timer = setInterval(() => (this.silence = performance.now() - this.drawn), LOOK);
    this.connect();
  },
  unmounted() {
    clearInterval(this.timer);
    document.removeEventListener('visibilitychange', this.onVisibility);
    document.removeEventListener('fullscreenchange', this.onFull);
    this.disconnect();
  },
  methods: {
    told,
    word,
    hold() {
      this.held = this.held ? '' : new Date().toLocaleTimeString('en-GB');
    },
    whole() {
      if (document.fullscreenElement) document.exitFullscreen();
      else this.$el.requestFullscreen();
    },
    // Save the image with its drawings. It is created here and stored as a download of the
    // browser.
    keep() {
      const source = this.$refs.canvas;
      const canvas = document.createElement('canvas');
      canvas.width = source.width;
      canvas.height = source.height;
      const context = canvas.getContext('2d');
      context.drawImage(source, 0, 0);
      const size = Math.max(14, canvas.height / 26);
      context.font = `${size}px sans-serif`;
      context.lineWidth = Math.max(2, size / 8);
      const measured = (text) => context.measureText(text).width + size * 0.8;
      const texts = this.faces.map(
        (face) => `${face.person} ${isolated(labelled(face.label))} ${percent(face.confidence)}`);
      const boxes = this.faces.map((face) => ({
        x: face.x * canvas.width, y: face.y * canvas.height, width: face.width * canvas.width,
        height: face.height * canvas.height,
      }));
      const sizes = this.faces.map((face, index) => ({
        width: measured(texts[index]), short: measured(`${face.person}`), height: 1.4 * size,
      }));
      const tags = placeTags(boxes, sizes, canvas);
      this.faces.forEach((face, index) => {
        const { x, y, width, height } = boxes[index];
        context.strokeStyle = face.colour;
        context.strokeRect(x, y, width, height);
      });
      this.faces.forEach((face, index) => {
        const tag = tags[index];
        if (!tag) return;
        context.fillStyle = face.colour;
        context.fillRect(tag.x, tag.y, tag.width, tag.height);
        context.fillStyle = face.ink;
        const text = tag.width < sizes[index].width ? `${face.person}` : texts[index];
        context.fillText(text, tag.x + 0.4 * size, tag.y + size);
      });
      const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
      canvas.toBlob((blob) => download(blob, `fer_ros_${time}.jpg`), 'image/jpeg', 0.92);
    },
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
        if (canvas && !this.held) {
          if (canvas.width !== image.width || canvas.height !== image.height) {
            canvas.width = image.width;
            canvas.height = image.height;
            this.aspect = image.width / image.height;
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
  },
};
