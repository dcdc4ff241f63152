// Citations in the text of an article as links to what is cited, where the text names one item only.
import { link } from "../common/dom.js";
import { written } from "../common/formulas.js";

const ARTICLE = /제?\s?\d+(?:-\d+)?\s?조(?:의\s?\d+)?/;

// Returns the links by what stands in a text: as it is cited, or by its article where no other one has that number.
export function citations(links) {
  const found = new Map();
  const add = (text, one) => { if (text) found.set(text, found.has(text) && found.get(text).item_id !== one.item_id ? null : one); };
  for (const one of links.filter(({ way }) => way === "cites")) {
    const [article] = one.cited.match(ARTICLE) || [];
    add(one.cited, one);
    if (article !== one.cited) add(article, one);
  }
  return new Map([...found].filter(([, one]) => one));
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

// Creates the nodes of a text with its citations linked.
export function cited(text, found) {
  if (found.size === 0) return written(text);
  const longest = [...found.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(`(${longest.map(escaped).join("|")})(?![0-9]|의[0-9])`);
  return text.split(pattern).flatMap((piece, at) => {
    if (at % 2 === 0) return written(piece);
    const one = found.get(piece);
    return [Object.assign(link(`/item?id=${one.item_id}`, "cited-article", piece), { title: one.title || one.external_id })];
  });
}
