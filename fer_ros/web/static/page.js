// What the elements of all pages share.

// A text of the page in its language.
export const word = (text) => window.ferWord(text);

// A text with numbers in it, which the table has with # in their place.
export function told(text) {
  const numbers = text.match(/\d+(\.\d+)?/g) ?? [];
  return word(text.replace(/\d+(\.\d+)?/g, '#')).replace(/#/g, () => numbers.shift());
}

// A label in the page's language; a question mark says that it is the last one that was certain.
export const labelled = (text) => word(text.replace('?', '')) + (text.endsWith('?') ? '?' : '');

export const percent = (value) => `${Math.round(value * 100)} %`;

// The colour of a label, and the ink that stands out from it.
export function colours(label, names) {
  const { labels, others } = window.ferColours;
  const index = names.indexOf(label);
  return labels[label] ?? others[index < 0 ? others.length - 1 : index % (others.length - 1)];
}

// Let the browser keep a file.
export function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// The answer of the server. Throws an Error in words where it is a refusal or none, with the status
// of a refusal.
export async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error(word('no connection'));
  }
  if (answer.status === 401) throw new Error(word('This needs the token: reload the page.'));
  if (answer.ok) return answer;
  let told = `${answer.status} ${answer.statusText}`;
  try {
    told = (await answer.json()).detail ?? told;
  } catch {
    // No JSON: the status has to do.
  }
  throw Object.assign(new Error(told), { status: answer.status });
}
