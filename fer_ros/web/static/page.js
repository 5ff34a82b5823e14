// Functions that the elements of all pages share.

// A text of the page in its language.
export const word = (text) => window.ferWord(text);

// Translate a text with numbers. In the table, # replaces each number.
export function told(text) {
  const numbers = text.match(/\d+(\.\d+)?/g) ?? [];
  return word(text.replace(/\d+(\.\d+)?/g, '#')).replace(/#/g, () => numbers.shift());
}

// A label in the page's language. A question mark marks the last label of an uncertain face.
export const labelled = (text) => word(text.replace('?', '')) + (text.endsWith('?') ? '?' : '');

// A text that does not change the direction of the text around it, for a label from right to left.
export const isolated = (text) => `\u2068${text}\u2069`;

export const percent = (value) => `${Math.round(value * 100)} %`;

// The colour of a label, and a text colour that is readable on it.
export function colours(label, names) {
  const { labels, others } = window.ferColours;
  const index = names.indexOf(label);
  return labels[label] ?? others[index < 0 ? others.length - 1 : index % (others.length - 1)];
}

// Save a file with the browser.
export function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// Return the answer of the server. Throws an Error with a text for people if the request is refused
// (with the status) or not answered.
export async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error(word('no connection'));
  }
  if (answer.status === 401) throw new Error(word('A token is required: reload the page.'));
  if (answer.ok) return answer;
  let told = `${answer.status} ${answer.statusText}`;
  try {
    told = (await answer.json()).detail ?? told;
  } catch {
    // The answer is not JSON: use the status.
  }
  throw Object.assign(new Error(told), { status: answer.status });
}
