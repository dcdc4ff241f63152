// What is stored, as people read it: names of keys, yes and no, days, lists, long texts.
import { button, element } from "./dom.js";
import { plain, written } from "./formulas.js";
import { day, number, spoken, texts } from "./language.js";
import * as labels from "../texts/labels.js";

const TITLES = ["title", "name", "question", "subject", "heading"];
const LONG = 600;
const SPLIT = 160; // shorter texts stay one paragraph
// A whole number of eight digits is a day only where its key says so: it may as well be a part number.
const DAYS = /^(effective|date|day|issued|published)$|_(date|day|on|at)$|(일|일자|날짜)$/;

const spokenOf = (pair) => pair?.[spoken() === "ko" ? 0 : 1];

// kind: KEYS, STAGES, COUNTS or KINDS.
export function called(name, kind = "KEYS") {
  const table = labels[kind];
  return Object.hasOwn(table, name) ? spokenOf(table[name]) : String(name).replaceAll("_", " ");
}

// A stage of the pipeline: `text vectors: space` names its space.
export function stageCalled(stage) {
  const [, modality, space] = stage.match(/^(\w+) vectors: (.*)$/) || [];
  return modality ? `${called(modality, "STAGES")} (${space})` : called(stage, "STAGES");
}

export function value(name, given) {
  if (typeof given === "boolean") return texts().yesNo[given];
  if (Array.isArray(given)) return given.map((one) => value(name, one)).join(", ");
  if (given === null || given === undefined) return "";
  if (typeof given === "object") {
    return Object.entries(given).map(([key, one]) => `${called(key)}: ${value(key, one)}`).join(", ");
  }
  return dayOf(name, String(given)) || String(given);
}

function dayOf(name, text) {
  const parts = text.match(/^(\d{4})-(\d\d)-(\d\d)$/) || (DAYS.test(name) && text.match(/^(\d{4})(\d\d)(\d\d)$/));
  if (!parts) return null;
  const [year, month, date] = parts.slice(1).map(Number);
  const made = new Date(Date.UTC(year, month - 1, date));
  const is = made.getUTCMonth() === month - 1 && made.getUTCDate() === date && year >= 1800 && year < 2200;
  return is ? day(year, month, date) : null;
}

// What facets count is text, whatever it is in the metadata.
export function facetValue(name, text) {
  return text === "true" || text === "false" ? texts().yesNo[text] : value(name, text);
}

// Metadata that no field says already.
export function chips(metadata, fields = {}) {
  const said = new Set(Object.values(fields));
  const shown = Object.entries(metadata).filter(([, given]) => given !== null && given !== "" && !said.has(given));
  return shown.map(([name, given]) => {
    const box = element("span", "chip");
    const text = value(name, given);
    box.append(element("b", "", called(name)), ...written(text));
    box.title = `${called(name)}: ${plain(text)}`;
    return box;
  });
}

export function titleOf(item) {
  const names = Object.keys(item.fields);
  const name = TITLES.find((n) => item.fields[n]) || names.find((n) => item.fields[n]);
  // An article of law is named with its law.
  const law = name === "heading" && item.fields.law ? `${item.fields.law} ` : "";
  return [name, name ? law + item.fields[name] : item.external_id];
}

// What is read out under a name: a field with its text, which a long one folds.
export function field(name, text) {
  const box = element("div", "field");
  box.append(element("span", "name", called(name)), ...folded(text));
  return box;
}

export function folded(text) {
  const shown = element("div", "value");
  shown.append(...paragraphs(text));
  if (text.length <= LONG) return [shown];
  shown.classList.add("long");
  const toggle = button(texts().all, "toggle", () => {
    toggle.textContent = shown.classList.toggle("long") ? texts().all : texts().less;
  });
  return [shown, toggle];
}

// A law's text comes without line breaks: its paragraphs begin with ①, ②, …
function paragraphs(text) {
  const lines = text.length > SPLIT ? text.split(/\n+|(?<=[.다]\s*)(?=[①-⑳])/) : [text];
  return lines.filter((line) => line.trim()).map((line) => {
    const made = element("p");
    made.append(...written(line));
    return made;
  });
}
