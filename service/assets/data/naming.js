// Names of a collection's keys, and of their values, in Korean and English: written key by key.
import { button, element } from "../common/dom.js";
import { call } from "../common/server.js";
import { words } from "../texts/data.js";
import { KEYS, VALUES } from "../texts/labels.js";
import { urlOf } from "./urls.js";

const LANGUAGES = ["ko", "en"];
const MOST_KEYS = 16; // whose values are looked up
const MOST_VALUES = 30; // that are shown of a key; others may be named by the command line
let known = []; // keys with their values: [[key, [value, …]], …]

// Loads the keys that items have, and the most frequent values of those that have few.
export async function loadNames(row) {
  const url = urlOf(row.collection);
  const [items, facets] = await Promise.all([call(`${url}/items?limit=20`), call(`${url}/facets?limit=${MOST_KEYS}`)]);
  const few = facets.map(({ field }) => field).filter((key) => items.some((item) => typeof item.metadata[key] !== "number" && key in item.metadata));
  const search = few.length ? await call(`${url}/search`, { sort: [few[0]], k: 1, facets: few, log: false }) : { facets: {} };
  const named = (key) => Object.keys(row.labels[key]?.values ?? {});
  const keys = new Set([...Object.keys(row.labels), ...few, ...items.flatMap((item) => [...Object.keys(item.fields), ...Object.keys(item.metadata)])]);
  known = [...keys].map((key) => [key, [...new Set([...named(key), ...(search.facets[key] ?? []).map((one) => one.value)])].slice(0, MOST_VALUES)]);
}

// Draws a row per key with its names, and below it those of its values. current(): the collection; acting: wraps what writes.
export function drawNames(place, current, acting) {
  const t = words();
  place.replaceChildren(element("p", "soft", t.namesAbout), ...known.map(([key, values]) => keyForm(key, values, current, acting)));
}

function keyForm(key, values, current, acting) {
  const t = words();
  const before = current().labels[key] ?? {};
  const own = inputs(key, before, KEYS[key]);
  const rows = values.map((value) => [value, inputs(value, before.values?.[value] ?? {}, VALUES[key]?.[value])]);
  const save = button("small", acting(() => saved(key, own, rows, current())), t.saveNames);
  save.ariaLabel = `${t.saveNames}: ${key}`;
  save.dataset.writes = "";
  return element("div", "named",
    element("div", "names", element("b", "", key), ...Object.values(own), save),
    values.length ? element("details", "", element("summary", "", t.valuesOf(values.length)),
      ...rows.map(([value, made]) => element("div", "names", element("span", "", value), ...Object.values(made)))) : "");
}

// usual: the names that pages show otherwise, [Korean, English].
const inputs = (name, names, usual) => Object.fromEntries(LANGUAGES.map((language, at) => [language, Object.assign(element("input"), {
  value: names[language] ?? "", placeholder: usual?.[at] ?? words().languages[language], ariaLabel: `${name}: ${words().languages[language]}`, maxLength: 100,
})]));

const typed = (made) => Object.fromEntries(LANGUAGES.map((language) => [language, made[language].value.trim()]).filter(([, text]) => text));
const empty = (names) => Object.keys(names).length === 0;

// Writes the names as they are typed: a key without any is removed first, since names that are not given stay.
async function saved(key, own, rows, row) {
  const names = typed(own);
  const values = Object.fromEntries(rows.map(([value, made]) => [value, typed(made)]).filter(([, given]) => !empty(given)));
  const url = urlOf(row.collection, "/labels");
  const before = row.labels[key];
  if (before) await call(url, { [key]: null }, "PATCH");
  const others = Object.entries(before?.values ?? {}).filter(([value]) => !rows.some(([one]) => one === value));
  const all = { ...Object.fromEntries(others), ...values };
  if (!empty(names) || !empty(all)) await call(url, { [key]: { ...names, ...(empty(all) ? {} : { values: all }) } }, "PATCH");
  return words().namesDone(key);
}
