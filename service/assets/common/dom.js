// Functions that create elements. Texts become text nodes only: indexed data never becomes markup.
import { number, texts } from "./language.js";

export const $ = (id) => document.getElementById(id);

// Creates an element with its children, elements or texts; empty ones are left out.
export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => (child ?? "") !== ""));
  return made;
}

// Creates an SVG element.
export function drawing(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function button(className, act, ...children) {
  const made = element("button", className, ...children);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

export const link = (href, className, ...children) => Object.assign(element("a", className, ...children), { href });

// Sets the options of a select: pairs of value and text. The current choice stays if it is among them.
export function fill(select, rows, keep = select.value) {
  select.replaceChildren(...rows.map(([value, text]) => new Option(text, value)));
  if (rows.some(([value]) => value === keep)) select.value = keep;
  select.dataset.empty = String(rows.length === 0);
  select.disabled = rows.length === 0;
}

// Creates a table: rows of texts, numbers and elements under the names of the columns; a column of buttons has none.
export function table(columns, rows) {
  const heads = columns.map((name) => Object.assign(element("th", "", name || element("span", "unseen", texts().actions)), { scope: "col" }));
  const body = element("tbody", "", ...rows.map((row) => element("tr", "", ...row.map((value, at) => cell(value, columns[at])))));
  const box = element("div", "scroll", element("table", "", element("thead", "", element("tr", "", ...heads)), body));
  box.tabIndex = 0; // a table wider than the page can be scrolled with keys
  return box;
}

// name: the column's, which stands in the cell where a narrow page has no head of columns.
function cell(value, name) {
  const long = typeof value === "string" && value.length > 40 ? "long" : "";
  const made = typeof value === "number" ? element("td", "number", number(value)) : element("td", long, value);
  if (name) made.dataset.name = name;
  return made;
}

// Returns what `draw` makes of the rows, or a line of text where there are none.
export const listed = (rows, none, draw) => (rows.length ? draw(rows) : [element("p", "soft", none)]);

export const picture = (src, alt, className = "thumbnail") => Object.assign(element("img", className), { src, alt, loading: "lazy" });

export const thumbnail = (shown, alt) => picture(`/pictures/${shown.picture_id}/thumbnail`, alt);
