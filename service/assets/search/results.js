// Counts and order of results: ranges and bars of numbers and days, the total, the sort menu, further pages.
import { $, button, element, fill } from "../common/dom.js";
import { plain } from "../common/formulas.js";
import { number, texts } from "../common/language.js";
import { called, facetValue } from "../common/values.js";
import { finding } from "../texts/finding.js";

const DAY = /^\d{4}-\d\d-\d\d/;
const SCALES = 4;

// Returns the keys whose values, in some items, are days or numbers; days first, which have no other filter.
export function scalesOf(items) {
  const isDay = (value) => typeof value === "string" && DAY.test(value);
  const keysOf = (wanted) => items.flatMap(({ metadata }) => Object.keys(metadata || {}).filter((key) => wanted(metadata[key])));
  const keys = [...keysOf(isDay), ...keysOf((value) => typeof value === "number")];
  return [...new Set(keys)].filter((key) => !/[.":$]/.test(key)).slice(0, SCALES);
}

// Returns the facets to ask for: values of keys, ranges of those that have too many, bars of all that have a scale.
export const facetsAsked = (keys, scales) => [
  ...keys,
  ...scales.filter((key) => !keys.includes(key)).map((field) => ({ field, kind: "ranges" })),
  ...scales.map((field) => ({ field, kind: "histogram" })),
];

// Names a bucket: from its lower end up to below its upper one.
export function bucketCalled(name, { low, high }) {
  const text = (end) => endCalled(name, end);
  if (low === null) return texts().below(text(high));
  return high === null ? texts().from(text(low)) : texts().between(text(low), text(high));
}

const endCalled = (name, end) => (DAY.test(end) ? plain(facetValue(name, end)) : number(Number(end), 6));

// Names a range with both its ends in it.
const through = (name, low, high) => (low
  ? finding().through(endCalled(name, low), endCalled(name, high)) : finding().upTo(endCalled(name, high)));

// Names a range that was chosen, by its filter.
export function rangeCalled(name, filter) {
  const [, low, open, high] = filter.match(/:([^:]*?)\.\.(<?)(.*)$/) || [];
  if (high && !open) return through(name, low, high);
  return low || high ? bucketCalled(name, { low: low || null, high: high || null }) : filter;
}

// Shows ranges as chips and histograms as bars; each narrows the search by a click: choose(name, filter).
export function showScales(answer, chosen, choose) {
  const groups = [
    ...Object.entries(answer.ranges || {}).map(([name, buckets]) => group(name, buckets, "facet scale", chip, chosen, choose)),
    ...Object.entries(answer.histograms || {}).flatMap(([name, buckets]) => {
      const bars = group(name, buckets, "bars scale", bar, chosen, choose);
      const days = buckets.some(({ low, high }) => DAY.test(low ?? high));
      if (!bars && !days) return []; // days that are all in one bucket have no bars, but a range all the same
      return [bars ?? element("div", "facet", element("span", "name", called(name))), ends(name, days, chosen, choose)];
    }),
  ];
  $("facets").append(...groups.filter(Boolean));
}

function group(name, buckets, className, draw, chosen, choose) {
  const most = Math.max(...buckets.map(({ items }) => items));
  const drawn = buckets.filter(({ filter, items }) => filter && (items || className.startsWith("bars")));
  if (drawn.length < 2 && !(name in chosen)) return null;
  const choices = drawn.map((bucket) => {
    const text = bucketCalled(name, bucket);
    const choice = draw(bucket, text, most, () => choose(name, bucket.filter));
    return Object.assign(choice, {
      title: `${text}: ${texts().items(bucket.items)}`,
      ariaLabel: `${called(name)}: ${text}, ${texts().items(bucket.items)}`,
      ariaPressed: String(chosen[name] === bucket.filter),
    });
  });
  return element("div", className, element("span", "name", called(name)), ...choices);
}

// Creates the fields of a range of one's own, both ends included; either may be left out.
function ends(name, days, chosen, choose) {
  const [, low = "", high = ""] = (chosen[name] ?? "").match(/:([^:]*?)\.\.<?(.*)$/) || [];
  const inputs = [["rangeFrom", low], ["rangeTo", high]].map(([label, value]) => Object.assign(element("input"), {
    type: days ? "date" : "number", step: "any", value, placeholder: finding()[label], ariaLabel: `${called(name)}: ${finding()[label]}`,
  }));
  const form = element("form", "ends", inputs[0], "–", inputs[1], Object.assign(element("button", "small", finding().rangeGo), { ariaLabel: `${called(name)}: ${finding().rangeGo}` }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [from, to] = inputs.map((input) => input.value);
    const filter = `${name}:${from}..${to}`;
    if ((from || to) && filter !== chosen[name]) choose(name, filter);
  });
  return form;
}

const chip = ({ items }, text, _, act) =>
  button("chip choice", act, element("span", "", text), " ", element("span", "n", number(items)));

function bar({ items }, _, most, act) {
  const column = element("span", "column");
  column.style.height = `${items && Math.max(6, (100 * items) / most)}%`;
  return Object.assign(button("bar", act, column), { disabled: items === 0 });
}

// Says how many items match; empty where nobody counted.
export function totalText(total) {
  if (!total) return "";
  return texts().total(number(total.items), total.exact, total.of === "words");
}

// Says what is missing from a page or from its counts.
export function lackingCounts({ gone, counted }) {
  return [
    ...(gone?.length ? [texts().goneItems(number(gone.length))] : []),
    ...(counted && !counted.complete ? [texts().countedOf(number(counted.items))] : []),
  ];
}

// Fills the menu of orders. sortable: whether what is asked can be sorted.
export function showOrders(keys, chosen, sortable) {
  const orders = keys.flatMap((key) => [[key, texts().lowest(called(key))], [`-${key}`, texts().highest(called(key))]]);
  if (chosen && !orders.some(([value]) => value === chosen)) orders.push([chosen, chosen]);
  fill($("sort"), [["", texts().relevance], ...orders], chosen);
  $("sort").value = chosen;
  $("sort").disabled = !sortable;
  $("arrange").hidden = orders.length === 0;
}

// Returns what a request for more hits says beside the question. The first one keeps the list as it is shown then,
// so that further pages do not shift.
export const further = (answer, k) =>
  answer.cursor ? { cursor: answer.cursor, k } : { cursor: "*", k: Math.min(answer.hits.length + k, 1000) };

// Joins an answer and its next page; one that begins again takes the place of the first.
export function joined(answer, next) {
  const known = answer.cursor ? answer.hits : [];
  const seen = new Set(known.map((hit) => hit.item_id));
  const { more, cursor, gone, degraded } = next;
  const hits = [...known, ...next.hits.filter((hit) => !seen.has(hit.item_id))];
  return { ...answer, hits, more, cursor, gone, degraded: answer.cursor ? degraded : answer.degraded };
}
