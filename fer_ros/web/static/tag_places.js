// Places for the tags of faces, so that each is in the picture and none covers another.

// Rows that a tag can be moved up or down, and pixels between a box and its tag.
const ROWS = 4;
const GAP = 4;

// Costs of covering a face, of another place than the one before, and of each further place.
const COVERED = 10;
const MOVED = 2;
const FURTHER = 1;

// Return the left upper corner and the width of each tag, {x, y, width, place}, or null where there is
// no room.
//
// boxes: {id, x, y, width, height} of the faces. sizes: {width, short, height} of their tags, of which
// short is the width of a shortened one. picture: {width, height}. All are in pixels. before: a map from
// the id of a face to its place on the previous picture, which is kept if it is nearly as good.
export function placeTags(boxes, sizes, picture, before = new Map()) {
  const taken = [];
  return boxes.map((box, index) => {
    const { width, short, height } = sizes[index];
    const others = boxes.filter((other) => other !== box);
    const find = (wide) =>
      best(box, { width: wide, height }, picture, others, taken, before.get(box.id));
    const found = find(width) ?? find(short);
    if (found) taken.push(found);
    return found;
  });
}

function best(box, size, picture, others, taken, before) {
  let found = null;
  candidates(box, size).forEach(([left, y], place) => {
    const tag = { x: within(left, picture.width - size.width), y, ...size };
    const fits = size.width <= picture.width && y >= 0 && y + size.height <= picture.height;
    if (!fits || taken.some((other) => common(tag, other))) return;
    const covered = others.reduce((sum, other) => sum + common(tag, other), 0);
    const cost = FURTHER * place + (COVERED * covered) / (size.width * size.height)
      + (before === place ? 0 : MOVED);
    if (!found || cost < found.cost) found = { ...tag, place, cost };
  });
  return found;
}

// Above the box, below it, in its upper part, then further away; each at its left or right edge.
function candidates(box, size) {
  const row = size.height + GAP;
  const above = box.y - row;
  const below = box.y + box.height + GAP;
  const tops = [above, below, box.y + GAP];
  for (let rows = 1; rows <= ROWS; rows++) {
    tops.push(above - rows * row, box.y + GAP + rows * row, below + rows * row);
  }
  const lefts = [box.x, box.x + box.width - size.width];
  return tops.flatMap((y) => lefts.map((x) => [x, y]));
}

const within = (value, largest) => Math.max(0, Math.min(value, largest));

// The area that two rectangles have in common.
function common(one, other) {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return Math.max(0, width) * Math.max(0, height);
}
