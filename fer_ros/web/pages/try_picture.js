// A picture or a video of the person at the page. This server processes it and does not store it.
import FaceCards from '/static/face_cards.js';
import { ask, colours, download, word } from '/static/page.js';

const WAY = { picture: '/classify?annotated=jpeg', video: '/videos?annotated=true' };

export default {
  components: { FaceCards },
  template: `
    <div>
    <section class="card try">
      <label class="drop" :class="{ over }" @dragover.prevent="over = true" @dragleave="over = false"
        @drop.prevent="over = false; take($event.dataTransfer.files)">
        <strong>{{ word('Drop a picture or a video here, or choose one') }}</strong>
        <span class="quiet">{{ formats }}</span>
        <span class="quiet">{{ word('It is sent only to this server, analysed, and not stored.') }}</span>
        <input type="file" ref="input" :accept="accept" :disabled="busy"
          @change="take($event.target.files)">
      </label>
      <div v-if="busy" class="working" role="status">
        <span>{{ word(kind === 'video' ? 'Analysing the video' : 'Analysing the picture') }}</span>
        <progress v-if="expected" :value="done" :max="expected"
          :aria-label="word('analysed frames')"></progress>
        <progress v-else :aria-label="word('analysed frames')"></progress>
        <span v-if="done" class="number">{{ done }}<template v-if="expected"> / {{ expected }}</template></span>
        <button class="action" @click="stop()">{{ word('Stop') }}</button>
      </div>
      <p v-if="problem" class="problem" role="alert">{{ problem }}</p>
    </section>
    <section v-if="result" class="card result">
      <h2 class="title">{{ name }}</h2>
      <p class="found" role="status">{{ told }}</p>
      <p v-if="result.warning" class="problem">{{ result.warning }}</p>
      <div class="beside">
        <video v-if="kind === 'video' && picture" :src="picture" controls muted playsinline
          :aria-label="word('the video with the results')"></video>
        <img v-else-if="picture" :src="picture" :alt="word('the picture with the results')">
        <face-cards v-if="kind === 'picture'" :faces="result.faces"></face-cards>
      </div>
      <template v-if="chart">
        <h3 class="title">{{ word('Probabilities over time') }}</h3>
        <div class="chart"><img :src="chart" :alt="word('time line and probabilities of each person; the table has the numbers')"></div>
      </template>
      <p class="quiet">{{ word('What a face looks like to a model, not what a person feels.') }}</p>
      <div class="actions">
        <button v-for="file in files" :key="file.name" class="action" @click="save(file)">
          {{ word(file.text) }}</button>
        <button class="action" @click="forget()">{{ word('Remove') }}</button>
      </div>
    </section>
    </div>`,
  props: {
    accept: { type: String, default: '' },
    formats: { type: String, default: '' },
  },
  data() {
    return {
      over: false, busy: false, problem: '', kind: '', name: '', done: 0, expected: 0,
      result: null, picture: '', chart: '', files: [],
    };
  },
  computed: {
    told() {
      const { faces, people, frames } = this.result;
      if (this.kind === 'picture') {
        if (!faces.length) return this.word('No face was found.');
        return `${this.word('Faces')}: ${faces.length}`;
      }
      return `${this.word('Frames')}: ${frames}, ${this.word('people')}: ${people}`;
    },
  },
  unmounted() {
    this.stop();
    this.forget();
  },
  methods: {
    word,
    async take(list) {
      const file = list[0];
      if (!file || this.busy) return;
      this.forget();
      this.name = file.name;
      this.busy = true;
      this.ending = new AbortController();
      try {
        await this.send(file);
      } catch (error) {
        if (error.name !== 'AbortError') this.problem = error.message;
      } finally {
        this.busy = false;
        if (this.$refs.input) this.$refs.input.value = '';
      }
    },
    // A browser does not recognise every video, and the server treats an animated picture as a video.
    async send(file) {
      if (file.type.startsWith('video/')) return this.video(file);
      try {
        await this.classify(file);
      } catch (refused) {
        if (![415, 422].includes(refused.status)) throw refused;
        try {
          await this.video(file);
        } catch (error) {
          throw error.status === 415 ? refused : error;
        }
      }
    },
    async classify(file) {
      this.kind = 'picture';
      const { annotated, ...told } = await (await this.post(WAY.picture, file)).json();
      const jpeg = bytes(annotated, 'image/jpeg');
      this.show(jpeg);
      this.result = { faces: told.faces.map(card) };
      this.files = [
        { text: 'Annotated picture', content: jpeg, suffix: 'annotated.jpg' },
        { text: 'JSON', content: json(told), suffix: 'faces.json' },
      ];
    },
    async video(file) {
      this.kind = 'video';
      const answer = await this.post(WAY.video, file);
      const frames = [];
      let last = null;
      for await (const line of lines(answer.body)) {
        if ('fps' in line) this.expected = line.frames;
        else if ('frame' in line) {
          frames.push(line);
          this.done = frames.length;
          this.expected = this.expected && Math.max(this.expected, this.done);
        } else last = line;
      }
      if (!last || last.problem) throw new Error(last?.problem ?? this.word('no connection'));
      const { summary } = last;
      const mp4 = last.annotated && bytes(last.annotated, 'video/mp4');
      this.show(mp4);
      this.chart = last.chart && URL.createObjectURL(new Blob([last.chart], { type: 'image/svg+xml' }));
      this.result = { frames: summary.frames, people: summary.faces.length, warning: summary.warning };
      this.files = [
        { text: 'Annotated video', content: mp4, suffix: 'annotated.mp4' },
        { text: 'JSON', content: json({ summary, frames }), suffix: 'frames.json' },
        { text: 'Table of faces (CSV)', content: table(last.faces_csv), suffix: 'faces.csv' },
        { text: 'Table of events (CSV)', content: table(last.events_csv), suffix: 'events.csv' },
        { text: 'Chart (SVG)', content: new Blob([last.chart], { type: 'image/svg+xml' }), suffix: 'chart.svg' },
      ].filter((one) => one.content);
    },
    post(path, body) {
      return ask(path, {
        method: 'POST', body, signal: this.ending.signal,
        headers: { 'content-type': 'application/octet-stream' },
      });
    },
    show(blob) {
      this.picture = blob ? URL.createObjectURL(blob) : '';
    },
    save(file) {
      download(file.content, `${this.name.replace(/\.[^.]*$/, '')}_${file.suffix}`);
    },
    stop() {
      this.ending?.abort();
    },
    forget() {
      for (const url of [this.picture, this.chart]) if (url) URL.revokeObjectURL(url);
      Object.assign(this, {
        problem: '', done: 0, expected: 0, result: null, picture: '', chart: '', files: [],
      });
    },
  },
};

function card(face) {
  const names = Object.keys(face.probabilities);
  const shade = (name) => colours(name, names)[0];
  return {
    id: '',
    person: face.person,
    label: face.label,
    confidence: face.confidence,
    colour: shade(face.label),
    bars: names.map((name) => ({ name, value: face.probabilities[name], colour: shade(name) })),
    attributes: Object.entries(face.attributes).map(([name, value]) => ({ name, value })),
  };
}

const json = (value) => new Blob([JSON.stringify(value, null, 1)], { type: 'application/json' });
const table = (text) => new Blob([text], { type: 'text/csv' });

function bytes(base64, type) {
  const binary = atob(base64);
  const array = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) array[index] = binary.charCodeAt(index);
  return new Blob([array], { type });
}

// Yield the lines of JSON of a stream while they arrive.
async function* lines(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    const parts = (rest + (value ?? '')).split('\n');
    rest = parts.pop();
    for (const part of parts) yield JSON.parse(part);
    if (done) return;
  }
}
