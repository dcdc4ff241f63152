// Making elements. Texts are set with textContent only: what was indexed never becomes markup.
import { number } from "./language.js";

export const $ = (id) => document.getElementById(id);

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}

export function drawing(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

export function button(text, className, act) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

export function link(href, text, className) {
  const made = element("a", className, text);
  made.href = href;
  return made;
}

// The options of a select: values with what they are called. What was chosen stays so while it is there.
export function fill(select, rows, keep = select.value) {
  select.replaceChildren(...rows.map(([value, text]) => new Option(text, value)));
  if (rows.some(([value]) => value === keep)) select.value = keep;
  select.dataset.empty = String(rows.length === 0);
  select.disabled = rows.length === 0;
}

// Rows of texts and elements under the names of their columns.
export function table(columns, rows) {
  const box = element("div", "scroll");
  box.tabIndex = 0; // so that keys can move what is wider than the page
  const made = element("table");
  const head = element("tr");
  head.append(...columns.map((name) => {
    const cell = element("th", "", name);
    cell.scope = "col";
    return cell;
  }));
  const body = rows.map((row) => {
    const line = element("tr");
    line.append(...row.map(cell));
    return line;
  });
  made.append(element("thead"), element("tbody"));
  made.tHead.append(head);
  made.tBodies[0].append(...body);
  box.append(made);
  return box;
}

function cell(value) {
  const long = typeof value === "string" && value.length > 40;
  const made = element("td", typeof value === "number" ? "number" : long ? "long" : "");
  made.append(typeof value === "number" ? number(value) : value ?? "");
  return made;
}

export function picture(src, alt, className = "thumbnail") {
  const image = element("img", className);
  Object.assign(image, { src, alt, loading: "lazy" });
  return image;
}

export const thumbnail = (shown, alt) => picture(`/pictures/${shown.picture_id}/thumbnail`, alt);
