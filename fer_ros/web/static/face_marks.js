// A box and a tag for each face, over an image. A tag without room is shortened to the number of the
// person, and omitted if that has no room either.
import { labelled, percent } from '/static/page.js';
import { placeTags } from '/static/tag_places.js';

export default {
  template: `
    <div class="found">
      <div v-for="face in faces" :key="face.id" class="box" :style="place(face)"></div>
      <span v-for="face in faces" :key="face.id + ' tag'" ref="tags" class="tag" :data-face="face.id"
        :style="{ background: face.colour, color: face.ink }">
        <small>{{ face.person }}</small><span><bdi>{{ labelled(face.label) }}</bdi> <b>{{ percent(face.confidence) }}</b></span>
      </span>
    </div>`,
  // x, y, width and height of a face are fractions of the image.
  props: { faces: { type: Array, default: () => [] } },
  mounted() {
    this.places = new Map();
    this.observer = new ResizeObserver(() => this.arrange());
    this.observer.observe(this.$el);
    this.arrange();
  },
  updated() {
    this.arrange();
  },
  unmounted() {
    this.observer.disconnect();
  },
  methods: {
    labelled,
    percent,
    place(face) {
      const part = (share) => `${share * 100}%`;
      return {
        left: part(face.x),
        top: part(face.y),
        width: part(face.width),
        height: part(face.height),
        borderColor: face.colour,
      };
    },
    // Vue draws the tags, and this method moves them, because their sizes are known only then.
    arrange() {
      const { clientWidth: width, clientHeight: height } = this.$el;
      const tags = new Map((this.$refs.tags ?? []).map((tag) => [tag.dataset.face, tag]));
      if (!tags.size || !width) return;
      const faces = this.faces.filter((face) => tags.has(face.id));
      const boxes = faces.map((face) => ({
        id: face.id, x: face.x * width, y: face.y * height, width: face.width * width,
        height: face.height * height,
      }));
      for (const tag of tags.values()) tag.classList.remove('short');
      const sizes = faces.map((face) => size(tags.get(face.id)));
      const found = placeTags(boxes, sizes, { width, height }, this.places);
      this.places = new Map();
      found.forEach((at, index) => {
        const tag = tags.get(faces[index].id);
        tag.style.visibility = at ? '' : 'hidden';
        if (!at) return;
        tag.classList.toggle('short', at.width < sizes[index].width);
        tag.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
        this.places.set(faces[index].id, at.place);
      });
    },
  },
};

// The width of a tag, of a shortened one, and the height, in pixels.
const size = (tag) => ({
  width: tag.offsetWidth, short: tag.offsetWidth - tag.lastElementChild.offsetWidth,
  height: tag.offsetHeight,
});
