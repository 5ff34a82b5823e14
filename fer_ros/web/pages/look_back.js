// The last ten minutes: a line for each person that ends now at the right, with the words and colours
// of the labels. The newest person is at the top. The pointer or the arrow keys show the probabilities at a moment.
import { ask, colours, download, isolated, percent, word } from '/static/page.js';

// Milliseconds between two requests, and the selectable time spans in seconds.
const LOOK = 1000;
const SPANS = [60, 600];

export default {
  template: `
    <section class="card look-back">
      <header>
        <h2 class="title">{{ word('Look back') }}</h2>
        <div class="spans" role="group" :aria-label="word('time to show')">
          <button v-for="one in SPANS" :key="one" type="button" class="action" :aria-pressed="span === one"
            @click="span = one">{{ one / 60 }} {{ word('min') }}</button>
        </div>
      </header>
      <p v-if="!rows.length" class="quiet nothing">{{ word('No person was in view.') }}</p>
      <template v-else>
      <div class="lines" @pointerleave="leave()">
        <div v-for="row in rows" :key="row.person" class="line" :class="{ gone: !row.here }">
          <span class="who">{{ word('person') }} {{ row.person }}</span>
          <div class="track" role="slider" tabindex="0" :aria-label="word('person') + ' ' + row.person"
            :aria-valuemin="-span" aria-valuemax="0" :aria-valuenow="Math.round(at(row) - now)"
            :aria-valuetext="told(row)" @pointermove="point(row, $event)" @pointerdown="point(row, $event)"
            @keydown="step(row, $event)" @focus="focus(row)">
            <i v-for="segment in row.segments" :key="segment.start" :style="place(segment)"
              :title="word(segment.label)"><span class="whole" :style="{ color: segment.ink }">{{
              word(segment.label) }}</span><span class="begin" :style="{ color: segment.ink }">{{
              word(segment.label).slice(0, 3) }}</span></i>
            <b v-if="moment && moment.person === row.person" class="moment" :style="{ right: share(now - moment.time) }"></b>
          </div>
        </div>
      </div>
      <div class="line scale">
        <span></span>
        <div><span>{{ clock(now - span) }}</span><span>{{ clock(now - span / 2) }}</span><span>{{ word('now') }}</span></div>
      </div>
      </template>
      <p v-if="rows.length" class="readout">
        <template v-if="shown">{{ told(shown) }}</template>
        <span v-else class="quiet">{{ word('Point at a line, or use the arrow keys on it.') }}</span>
      </p>
      <template v-if="seen.length">
        <h3 class="title">{{ word('How long each expression was seen') }}</h3>
        <dl class="bars seen">
          <template v-for="one in seen" :key="one.label">
            <dt>{{ word(one.label) }}</dt>
            <dd><i :style="{ transform: 'scaleX(' + one.share + ')', background: one.colour }"></i></dd>
            <dd class="number">{{ duration(one.seconds) }}</dd>
          </template>
        </dl>
      </template>
      <div class="actions">
        <button type="button" class="action" @click="save('csv')">{{ word('Events (CSV)') }}</button>
        <button type="button" class="action" @click="save('json')">{{ word('Events (JSON)') }}</button>
      </div>
      <p v-if="problem" class="problem" role="alert">{{ problem }}</p>
    </section>`,
  data() {
    return { now: 0, names: [], people: [], lasted: {}, span: SPANS[0], moment: null, problem: '', SPANS };
  },
  computed: {
    rows() {
      const oldest = this.now - this.span;
      return this.people
        .map((one) => ({ ...one, segments: one.segments.filter((segment) => segment.end > oldest) }))
        .filter((one) => one.segments.length);
    },
    shown() {
      return this.moment && this.rows.find((row) => row.person === this.moment.person);
    },
    seen() {
      const longest = Math.max(...Object.values(this.lasted), 1);
      return Object.entries(this.lasted).map(([label, seconds]) => ({
        label, seconds, share: seconds / longest, colour: colours(label, this.names)[0],
      }));
    },
  },
  mounted() {
    this.known = new Map();
    this.look();
    this.timer = setInterval(() => {
      if (!document.hidden) this.look();
    }, LOOK);
  },
  unmounted() {
    clearInterval(this.timer);
  },
  methods: {
    word,
    async look() {
      if (this.asking) return;
      this.asking = true;
      try {
        this.take(await (await ask(`/history?after=${this.now}`)).json());
      } catch {
        // The header shows that the server does not answer.
      } finally {
        this.asking = false;
      }
    },
    // The answer contains only new entries. A label that continues keeps its known start.
    take(told) {
      const anew = told.now < this.now || told.class_names.join() !== this.names.join();
      if (anew) this.known.clear();
      for (const one of told.people) {
        const kept = this.known.get(one.person) ?? { segments: new Map(), samples: [] };
        for (const segment of one.segments) {
          const [colour, ink] = colours(segment.label, told.class_names);
          kept.segments.set(segment.start, { ...segment, colour, ink });
        }
        kept.samples.push(...one.samples);
        kept.here = one.in_view;
        this.known.set(one.person, kept);
      }
      const oldest = told.now - told.span;
      const heard = new Set(told.people.map((one) => one.person));
      for (const [person, kept] of this.known) {
        if (!heard.has(person)) kept.here = false;
        for (const [start, segment] of kept.segments) if (segment.end < oldest) kept.segments.delete(start);
        kept.samples.splice(0, kept.samples.findIndex((sample) => sample[0] >= oldest));
        if (!kept.segments.size) this.known.delete(person);
      }
      this.names = told.class_names;
      this.now = told.now;
      this.lasted = told.seen;
      this.people = [...this.known]
        .map(([person, kept]) => ({ person, here: kept.here, segments: [...kept.segments.values()] }))
        .sort((one, other) => other.person - one.person);
      if (anew && this.people.length === 0) this.moment = null;
    },
    at(row) {
      return this.moment?.person === row.person ? this.moment.time : this.now;
    },
    // The values at one moment as text: the label, then the probabilities, the largest first.
    told(row) {
      const time = this.at(row);
      const begin = `${word('person')} ${row.person}, ${this.clock(time)}: `;
      const segment = row.segments.find((one) => one.start <= time && time <= one.end + 0.05);
      if (!segment) return begin + word('not in view');
      const samples = this.known.get(row.person)?.samples ?? [];
      const near = samples.reduce(
        (best, one) => (best && Math.abs(best[0] - time) <= Math.abs(one[0] - time) ? best : one), null);
      const values = near ? near.slice(1) : [];
      const parts = this.names
        .map((name, index) => [name, values[index]])
        .filter(([, value]) => value > 0)
        .sort((one, other) => other[1] - one[1])
        .map(([name, value]) => `${isolated(word(name))} ${value} %`);
      return `${begin}${isolated(word(segment.label))} (${parts.join(', ')})`;
    },
    point(row, event) {
      const box = event.currentTarget.getBoundingClientRect();
      const share = Math.min(Math.max((box.right - event.clientX) / box.width, 0), 1);
      this.moment = { person: row.person, time: this.now - share * this.span };
    },
    focus(row) {
      if (this.moment?.person !== row.person) this.moment = { person: row.person, time: this.now };
    },
    leave() {
      if (!document.activeElement?.classList.contains('track')) this.moment = null;
    },
    step(row, event) {
      const short = this.span / 60;
      const steps = {
        ArrowLeft: -short, ArrowRight: short, ArrowDown: -short, ArrowUp: short,
        PageDown: -10 * short, PageUp: 10 * short, Home: -this.span, End: this.span,
      };
      if (event.key === 'Escape') this.moment = null;
      if (!(event.key in steps)) return;
      event.preventDefault();
      const time = this.at(row) + steps[event.key];
      this.moment = {
        person: row.person, time: Math.min(Math.max(time, this.now - this.span), this.now),
      };
    },
    async save(format) {
      this.problem = '';
      try {
        const answer = await ask(`/events?format=${format}`);
        download(await answer.blob(), `events.${format}`);
      } catch (error) {
        this.problem = error.message;
      }
    },
    percent,
    share(seconds) {
      return `${(seconds / this.span) * 100}%`;
    },
    place(segment) {
      const start = Math.max(segment.start, this.now - this.span);
      return {
        right: this.share(this.now - segment.end),
        width: this.share(segment.end - start),
        background: segment.colour,
      };
    },
    clock: (seconds) => new Date(seconds * 1000).toLocaleTimeString('en-GB'),
    duration(seconds) {
      const whole = Math.round(seconds);
      return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} ${word('min')} ${whole % 60} s`;
    },
  },
};
