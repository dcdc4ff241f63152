// Stored values in readable form: names of keys, yes and no, days, lists, long texts.
import { button, element } from "./dom.js";
import { plain, written } from "./formulas.js";
import { day, number, spoken, texts } from "./language.js";
import * as labels from "../texts/labels.js";

const TITLES = ["title", "name", "question", "subject", "heading"];
const LONG = 600;
const SPLIT = 160; // shorter texts stay one paragraph
// Eight digits are a day only where the key says so: they may also be a part number.
const DAYS = /^(effective|date|day|issued|published)$|_(date|day|on|at)$|(일|일자|날짜)$/;

const spokenOf = (pair) => pair?.[spoken() === "ko" ? 0 : 1];

let own = {}; // names that a collection has for its keys and their values, by language

// Takes the names of the collection that is shown, which come before those of labels.js.
export const nameKeys = (names) => { own = names ?? {}; };

const under = (table, name) => (table && Object.hasOwn(table, name) ? table[name] : undefined);
const chosen = (names) => names && (names[spoken()] ?? names.ko ?? names.en);

// Returns the name of a key's value, or undefined where it has none.
const valueCalled = (name, text) =>
  chosen(under(under(own, name)?.values, text)) ?? spokenOf(under(under(labels.VALUES, name), text));

// Translates a name. kind: KEYS, STAGES, COUNTS or KINDS.
export function called(name, kind = "KEYS") {
  const given = kind === "KEYS" ? chosen(under(own, name)) : undefined;
  return given ?? spokenOf(under(labels[kind], name)) ?? String(name).replaceAll("_", " ");
}

// Translates a stage of the pipeline: `text vectors: space` includes its space.
export function stageCalled(stage) {
  const [, modality, space] = stage.match(/^(\w+) vectors: (.*)$/) || [];
  return modality ? `${called(modality, "STAGES")} (${space})` : called(stage, "STAGES");
}

// Lists collections with their sizes for a choice; the size is unknown (null) while a shard does not answer.
export const sized = (collections) =>
  collections.map((row) => [row.collection, row.items === null ? row.collection : `${row.collection} (${texts().items(row.items)})`]);

// Formats a metadata value.
export function value(name, given) {
  const named = ["string", "boolean", "number"].includes(typeof given) && valueCalled(name, String(given));
  if (named) return named;
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

// Formats a facet value, which is text whatever its type in the metadata.
export function facetValue(name, text) {
  return text === "true" || text === "false" ? value(name, text === "true") : value(name, text);
}

// Creates chips of the metadata, without values that a field already shows.
export function chips(metadata, fields = {}) {
  const said = new Set(Object.values(fields));
  const shown = Object.entries(metadata).filter(([, given]) => given !== null && given !== "" && !said.has(given));
  return shown.map(([name, given]) => {
    const text = value(name, given);
    const chip = element("span", "chip", element("b", "", called(name)), ...written(text));
    return Object.assign(chip, { title: `${called(name)}: ${plain(text)}` });
  });
}

// Creates a box with the first chips, and a button that shows the others.
export function someOf(all, most) {
  const rest = all.slice(most);
  const box = element("div", "chips", ...all.slice(0, most));
  if (rest.length === 0) return box;
  const more = button("chip choice", () => more.replaceWith(...rest), `+${number(rest.length)}`);
  more.ariaLabel = `${texts().all} +${number(rest.length)}`;
  box.append(more);
  return box;
}

// Returns the name of the title field, if any, and the title.
export function titleOf(item) {
  const names = Object.keys(item.fields);
  const name = TITLES.find((n) => item.fields[n]) || names.find((n) => item.fields[n]);
  // An article of law is named with its law.
  const law = name === "heading" && item.fields.law ? `${item.fields.law} ` : "";
  return [name, name ? law + item.fields[name] : item.external_id];
}

// Creates a labelled value.
export const labelled = (name, ...content) => element("div", "field", element("span", "name", name), ...content);

// Creates a field of an item, with a long text folded.
export const field = (name, text) => labelled(called(name), ...folded(text));

// Creates the paragraphs of a text, and a button to unfold a long one.
export function folded(text) {
  const shown = element("div", "value", ...paragraphs(text));
  if (text.length <= LONG) return [shown];
  shown.classList.add("long");
  return [shown, button("toggle", (event) => {
    event.target.textContent = shown.classList.toggle("long") ? texts().all : texts().less;
  }, texts().all)];
}

// Splits a text into paragraphs. Texts of laws have no line breaks: their paragraphs begin with ①, ②, …
function paragraphs(text) {
  const lines = text.length > SPLIT ? text.split(/\n+|(?<=[.다]\s*)(?=[①-⑳])/) : [text];
  return lines.filter((line) => line.trim()).map((line) => element("p", "", ...written(line)));
}
