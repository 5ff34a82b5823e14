// The camera of the person at the page. It starts after a click. Before that, the page says where its
// frames go: over a WebSocket, only to this server. Each frame waits for the answer to the previous one.
import FaceCards from '/static/face_cards.js';
import FaceMarks from '/static/face_marks.js';
import { colours, word } from '/static/page.js';

// Longest side of a sent frame in pixels, its quality, and milliseconds between two frames.
const LONGEST = 960;
const QUALITY = 0.8;
const PERIOD = 66;

// Milliseconds after which an answer is no longer current.
const OLD = 2000;

// What to do, by the name of the error of getUserMedia().
const REMEDIES = {
  NotAllowedError: () => word('Allow the camera for this page in the settings of the browser, then start it again.'),
  NotFoundError: () => word('The browser found no camera: connect one, then start it again.'),
  NotReadableError: () => word('Another program uses the camera: close it, then start the camera again.'),
};

export default {
  components: { FaceCards, FaceMarks },
  template: `
    <section class="card own-camera">
      <h2 class="title">{{ word('Your camera') }}</h2>
      <p v-if="!allowed">{{ word('This server runs in privacy mode: pictures of your camera stay on your device.') }}</p>
      <p v-else-if="!possible">{{ word('The browser allows pages to use the camera only on this machine or over https.') }}</p>
      <template v-else>
        <p v-if="!running">{{ word('The frames of your camera are sent over a WebSocket, only to this server:') }}
          <strong>{{ host }}</strong>. {{ word('They are analysed and not stored.') }}</p>
        <div v-show="running" class="beside">
          <figure class="picture">
            <div class="frame">
              <video ref="video" muted playsinline :aria-label="word('your camera')"></video>
              <face-marks :faces="faces"></face-marks>
              <figcaption v-if="silent" role="status">{{ word('no answer') }}</figcaption>
            </div>
          </figure>
          <face-cards :faces="faces"></face-cards>
        </div>
        <div class="actions">
          <button v-if="!running" type="button" class="action start" :disabled="starting" @click="start()">
            {{ word('Start the camera') }}</button>
          <template v-else>
            <button type="button" class="action stop" @click="stop()">{{ word('Stop') }}</button>
            <button type="button" class="action other" @click="other()">{{ word('Other camera') }}</button>
          </template>
        </div>
      </template>
      <p v-if="problem" class="problem" role="alert">{{ problem }}</p>
    </section>`,
  props: { allowed: { type: Boolean, default: false } },
  data() {
    return {
      running: false, starting: false, problem: '', faces: [], silent: false, facing: 'user',
      host: location.host, possible: Boolean(navigator.mediaDevices?.getUserMedia),
    };
  },
  unmounted() {
    this.stop();
  },
  methods: {
    word,
    async start() {
      this.problem = '';
      this.starting = true;
      try {
        this.camera = await navigator.mediaDevices.getUserMedia({
          audio: false, video: { facingMode: this.facing, width: { ideal: 1280 } },
        });
        for (const track of this.camera.getTracks()) track.onended = () => this.lose();
        this.$refs.video.srcObject = this.camera;
        await this.$refs.video.play();
      } catch (error) {
        this.starting = false;
        this.release();
        this.problem = REMEDIES[error.name]?.() ?? `${word('The camera cannot be used')}: ${error.message}`;
        return;
      }
      this.starting = false;
      this.running = true;
      this.connect();
    },
    connect() {
      const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/frames`);
      this.socket = socket;
      this.answered = performance.now();
      this.watch = setInterval(() => {
        this.silent = performance.now() - this.answered > OLD;
        if (this.silent) this.faces = [];
      }, 500);
      socket.onopen = () => this.send(socket);
      socket.onmessage = (message) => this.take(socket, JSON.parse(message.data));
      socket.onclose = () => {
        if (this.socket !== socket) return;
        this.problem ||= word('The server has ended the connection.');
        this.stop();
      };
    },
    send(socket) {
      const video = this.$refs.video;
      const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
      const canvas = (this.canvas ??= document.createElement('canvas'));
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
      this.sent = performance.now();
      canvas.toBlob((blob) => {
        if (blob && socket.readyState === WebSocket.OPEN) socket.send(blob);
      }, 'image/jpeg', QUALITY);
    },
    take(socket, told) {
      if (told.problem) {
        this.problem = told.problem;
        return;
      }
      this.answered = performance.now();
      this.faces = told.faces.map((face) => shown(face, told)).sort((one, other) => one.x - other.x);
      setTimeout(() => {
        if (this.socket === socket) this.send(socket);
      }, Math.max(0, PERIOD - (performance.now() - this.sent)));
    },
    stop() {
      const socket = this.socket;
      this.socket = null;
      socket?.close();
      clearInterval(this.watch);
      this.release();
      Object.assign(this, { running: false, faces: [], silent: false });
    },
    // It was disconnected, or the browser took its permission back.
    lose() {
      this.stop();
      this.problem = word('The camera was disconnected.');
    },
    // This also turns the light of the camera off.
    release() {
      this.camera?.getTracks().forEach((track) => track.stop());
      this.camera = null;
      if (this.$refs.video) this.$refs.video.srcObject = null;
    },
    async other() {
      this.facing = this.facing === 'user' ? 'environment' : 'user';
      this.stop();
      await this.start();
    },
  },
};

function shown(face, { image_width, image_height }) {
  const names = Object.keys(face.probabilities);
  const [colour, ink] = colours(face.uncertain ? 'uncertain' : face.label, names);
  const { x, y, width, height } = face.box;
  return {
    id: face.face_id,
    person: face.person,
    label: face.uncertain && face.label !== 'uncertain' ? `${face.label}?` : face.label,
    confidence: face.confidence,
    colour,
    ink,
    x: x / image_width,
    y: y / image_height,
    width: width / image_width,
    height: height / image_height,
    bars: names.map((name) => ({
      name, value: face.probabilities[name], colour: colours(name, names)[0],
    })),
    attributes: Object.entries(face.attributes).map(([name, value]) => ({ name, value })),
  };
}
