// Texts with formulas between dollar signs. The library that sets them is fetched when the first one is met.
import { element } from "./dom.js";

// As Pandoc has it: no blank inside the dollars, no digit behind them. "$5 and $10" are prices.
const FORMULA = /(?<!\\)\$\$([^$]+)\$\$(?!\d)|(?<!\\)\$(?=\S)([^$]*[^$\s\\])\$(?!\d)|\\\(([^]+?)\\\)|\\\[([^]+?)\\\]/g;
const OPTIONS = { throwOnError: true, strict: "ignore", trust: false, maxSize: 20, maxExpand: 500, output: "html" };
let library = null;

// A text in pieces: [from, to, formula], with null for the formula where it is plain.
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

// The nodes of a text. marks: [from, to] of what is marked, in order; a formula is marked as a whole.
export function written(text, marks = []) {
  return pieces(text).flatMap(([from, to, formula]) => {
    if (formula !== null) {
      const shown = set(formula, text.slice(from, to));
      if (!marks.some(([start, stop]) => start < to && stop > from)) return [shown];
      const mark = element("mark");
      mark.append(shown);
      return [mark];
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
    if (first > at) made.push(document.createTextNode(text.slice(at, first)));
    made.push(element("mark", "", text.slice(first, last)));
    at = last;
  }
  if (at < to) made.push(document.createTextNode(text.slice(at, to)));
  return made;
}

// Shown raw until the library is here, and for ever where it does not understand it.
function set(formula, raw) {
  const box = element("span", "formula", raw);
  box.setAttribute("role", "math");
  box.ariaLabel = plain(raw);
  library ||= fetched();
  library.then((katex) => render(katex, formula, box), () => {});
  return box;
}

function render(katex, formula, box) {
  let html;
  try {
    html = katex.renderToString(formula, OPTIONS);
  } catch {
    box.removeAttribute("role");
    box.removeAttribute("aria-label");
    return;
  }
  // The policy of the page lets scripts set styles, and no markup. Quotes within texts are escaped: what looks
  // like an attribute is one.
  const made = new DOMParser().parseFromString(html.replaceAll(' style="', ' data-style="'), "text/html").body;
  for (const one of made.querySelectorAll("[data-style]")) {
    one.style.cssText = one.dataset.style;
    delete one.dataset.style;
  }
  box.replaceChildren(...made.childNodes);
}

async function fetched() {
  const style = element("link");
  Object.assign(style, { rel: "stylesheet", href: "/assets/vendor/katex/katex.min.css" });
  document.head.append(style);
  await import("../vendor/katex/katex.min.js");
  return self.katex;
}

const SIGNS = {
  times: "×", div: "÷", pm: "±", cdot: "·", le: "≤", leq: "≤", ge: "≥", geq: "≥", ne: "≠", neq: "≠", angle: "∠", circ: "°",
  triangle: "△", pi: "π", theta: "θ", alpha: "α", beta: "β", gamma: "γ", lambda: "λ", mu: "μ", sigma: "σ", omega: "ω",
  infty: "∞", sum: "∑", int: "∫", to: "→", rightarrow: "→", therefore: "∴", because: "∵", parallel: "∥", perp: "⊥",
  in: "∈", cup: "∪", cap: "∩", subset: "⊂", cdots: "…", ldots: "…", dots: "…", sqrt: "√", quad: " ", qquad: " ",
};

// A formula as plain text, for where nothing can be set: titles of tabs, names of things for who cannot see.
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
