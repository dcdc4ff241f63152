// Differences of two texts, word by word.
import { element } from "./dom.js";

const MOST = 4_000_000; // pairs of words that are compared; longer texts are shown one after the other

// Creates the nodes of a text that became another one: what went is struck out, what came is underlined.
export function differences(before, after) {
  const [a, b] = [before, after].map((text) => text.match(/\s+|\S+/g) ?? []);
  const steps = a.length * b.length > MOST ? [["del", before], ["ins", after]] : joined(compared(a, b));
  return steps.map(([tag, text]) => (tag ? element(tag, "", text) : text));
}

// Walks the longest common subsequence: pairs of "", "del" or "ins" and a word.
function compared(a, b) {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = a[i] === b[j] ? longest[(i + 1) * width + j + 1] + 1
        : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  const steps = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && a[i] === b[j]) {
      steps.push(["", a[i++]]);
      j += 1;
    } else if (j === b.length || (i < a.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) steps.push(["del", a[i++]]);
    else steps.push(["ins", b[j++]]);
  }
  return steps;
}

// Joins neighbours of one kind.
function joined(steps) {
  const all = [];
  for (const [tag, text] of steps) {
    if (all.at(-1)?.[0] === tag) all.at(-1)[1] += text;
    else all.push([tag, text]);
  }
  return all;
}
