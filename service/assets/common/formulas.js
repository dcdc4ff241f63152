// Texts with formulas between dollar signs. KaTeX, which draws them, is loaded with the first formula. Its auto-render
// extension is not used: it takes "$5 and $10" for a formula, and what it makes breaks the policy (see `render`).
import { element } from "./dom.js";

// Rule of Pandoc: no blank inside the dollar signs, no digit after them. "$5 and $10" are prices.
const FORMULA = /(?<!\\)\$\$([^$]+)\$\$(?!\d)|(?<!\\)\$(?=\S)([^$]*[^$\s\\])\$(?!\d)|\\\(([^]+?)\\\)|\\\[([^]+?)\\\]/g;
const OPTIONS = { throwOnError: true, strict: "ignore", trust: false, maxSize: 20, maxExpand: 500, output: "html" };
let library = null;

// Splits a text into pieces [from, to, formula]; the formula is null where the text is plain.
export function pieces(text) {
  const found = [];
  let at = 0;
  for (const match of text.matchAll(FORMULA)) {
    if (match.index > at) found.push([at, match.index, null]);
    const end = match.index + match[0].length;
    found.push([match.index, end, match.slice(1).find((group) => group !== undefined)]);
    at = end;
  }
  if (at < text.length) found.push([at, text.length, null]);
  return found;
}

// Creates the nodes of a text. marks: [from, to] of highlighted ranges, in order; a formula is highlighted as a whole.
export function written(text, marks = []) {
  return pieces(text).flatMap(([from, to, formula]) => {
    if (formula !== null) {
      const shown = set(formula, text.slice(from, to));
      return [marks.some(([start, stop]) => start < to && stop > from) ? element("mark", "", shown) : shown];
    }
    return plainly(text, from, to, marks);
  });
}

function plainly(text, from, to, marks) {
  const made = [];
  let at = from;
  for (const [start, stop] of marks) {
    const [first, last] = [Math.max(start, at), Math.min(stop, to)];
    if (first >= last) continue;
    made.push(text.slice(at, first), element("mark", "", text.slice(first, last)));
    at = last;
  }
  return [...made, text.slice(at, to)];
}

// Shows a formula as its source until KaTeX is loaded, and for good where KaTeX cannot parse it.
function set(formula, raw) {
  const box = Object.assign(element("span", "formula", raw), { role: "math", ariaLabel: plain(raw) });
  library ||= fetched();
  library.then((katex) => render(katex, formula, box), () => {});
  return box;
}

function render(katex, formula, box) {
  let html;
  try {
    html = katex.renderToString(formula, OPTIONS);
  } catch {
    Object.assign(box, { role: null, ariaLabel: null });
    return;
  }
  // The page's policy allows styles set by scripts, but no style attributes, which KaTeX writes also where it makes
  // elements itself. Quotes in texts are escaped: every match is an attribute.
  const made = new DOMParser().parseFromString(html.replaceAll(' style="', ' data-style="'), "text/html").body;
  for (const one of made.querySelectorAll("[data-style]")) {
    one.style.cssText = one.dataset.style;
    delete one.dataset.style;
  }
  box.replaceChildren(...made.childNodes);
}

async function fetched() {
  document.head.append(Object.assign(element("link"), { rel: "stylesheet", href: "/assets/vendor/katex/katex.min.css" }));
  await import("../vendor/katex/katex.min.js");
  return self.katex;
}

const SIGNS = {
  times: "×", div: "÷", pm: "±", cdot: "·", le: "≤", leq: "≤", ge: "≥", geq: "≥", ne: "≠", neq: "≠", angle: "∠", circ: "°",
  triangle: "△", pi: "π", theta: "θ", alpha: "α", beta: "β", gamma: "γ", lambda: "λ", mu: "μ", sigma: "σ", omega: "ω",
  infty: "∞", sum: "∑", int: "∫", to: "→", rightarrow: "→", therefore: "∴", because: "∵", parallel: "∥", perp: "⊥",
  in: "∈", cup: "∪", cap: "∩", subset: "⊂", cdots: "…", ldots: "…", dots: "…", sqrt: "√", quad: " ", qquad: " ",
};

// Writes formulas as plain text, for titles of tabs and labels for screen readers.
export function plain(text) {
  return pieces(text).map(([from, to, formula]) => (formula === null ? text.slice(from, to) : unset(formula))).join("").replace(/\s+/g, " ").trim();
}

function unset(formula) {
  return formula
    .replace(/\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}/g, "$1/$2")
    .replace(/\\(left|right|over(line|rightarrow)|bar|vec|hat|dot|math(rm|bf|it|bb|cal)|text|operatorname|displaystyle|rm|bf)(?![a-z])/gi, "")
    .replace(/\\([a-zA-Z]+)/g, (_, name) => SIGNS[name] ?? name)
    .replace(/\\[,;:! ]|[~`]/g, " ")
    .replace(/\\(.)/g, "$1")
    .replace(/\^\s*\{?\s*([23])\s*\}?/g, (_, n) => ({ 2: "²", 3: "³" })[n])
    .replace(/\^\s*\{?\s*°\s*\}?/g, "°")
    .replace(/[{}]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
