// Passages with the words of the query highlighted by the server. They are mapped onto the original text, so that
// neither a highlight nor the end of the passage cuts a formula.
import { element } from "../common/dom.js";
import { pieces, written } from "../common/formulas.js";

const signs = (text) => [...text].filter((sign) => /\S/u.test(sign));

// Creates the nodes of a passage. html: only its <mark> elements are used.
export function passage(html, text) {
  const parsed = new DOMParser().parseFromString(html, "text/html").body.childNodes;
  const parts = [...parsed].map((node) => ({ text: node.textContent, mark: node.nodeName === "MARK" }));
  const found = located(parts, text);
  if (!found) return parts.map((part) => (part.mark ? element("mark", "", part.text) : part.text));
  const [from, to] = wholeFormulas(found, text);
  const inside = found.marks.map(([start, stop]) => [start - from, stop - from]);
  return [from > 0 ? "… " : "", ...written(text.slice(from, to), inside), to < text.length ? " …" : ""];
}

// Finds the passage and its highlights in the text, ignoring blanks; null if it is not from this text.
function located(parts, text) {
  const places = [];
  let at = 0;
  for (const sign of text) {
    if (/\S/u.test(sign)) places.push(at);
    at += sign.length;
  }
  const all = parts.flatMap((part) => signs(part.text).map((sign) => ({ sign, part })));
  const dense = signs(text);
  if (all[0]?.sign === "…" && dense[0] !== "…") all.shift();
  if (all.at(-1)?.sign === "…" && dense.at(-1) !== "…") all.pop();
  const before = dense.join("").indexOf(all.map((one) => one.sign).join(""));
  if (all.length === 0 || before < 0) return null;
  const first = signs(dense.join("").slice(0, before)).length;
  const end = (n) => places[first + n] + all[n].sign.length;
  const marks = parts.filter((part) => part.mark).map((part) => {
    const its = all.flatMap((one, n) => (one.part === part ? [n] : []));
    return [places[first + its[0]], end(its.at(-1))];
  });
  return { from: places[first], to: end(all.length - 1), marks };
}

function wholeFormulas({ from, to }, text) {
  const cut = pieces(text).filter(([start, stop, formula]) => formula !== null && start < to && stop > from);
  return [Math.min(from, ...cut.map(([start]) => start)), Math.max(to, ...cut.map(([, stop]) => stop))];
}
