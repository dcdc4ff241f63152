// Shaping of results: badges of adjusted rows, the rest of a collapsed group, pins that admins manage.
import { $, button, element, fill, listed } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { showFailure } from "../common/message.js";
import { call, may } from "../common/server.js";
import { called, facetValue } from "../common/values.js";
import { writing } from "../common/writing.js";

const AT_ONCE = 50; // items of a group that one click shows

// Creates the badges of a row: what shaping did to it, "" where it did nothing.
export function badges(hit) {
  const made = hit.adjustments;
  if (!made) return "";
  const t = texts().shaping;
  const found = [];
  const add = (kind, text, why) => found.push(Object.assign(element("span", `badge ${kind}`, text), { title: why }));
  if (made.pinned) add("pinned", t.pinned, made.pinned.found ? t.pinnedWhy(made.pinned.place) : t.pinnedNotFound(made.pinned.place));
  if (made.buried) add("buried", t.buried, t.buriedWhy);
  if (made.factor) add("boosted", `×${number(made.factor, 2)}`, t.boostedWhy(number(made.fused, 4), number(hit.score, 4)));
  if (made.diversity && made.diversity.from !== made.diversity.to) {
    add("moved", t.moved(made.diversity.from, made.diversity.to), t.movedWhy);
  }
  if (made.weak) add("weak", t.weak, t.weakWhy);
  return found.length ? element("div", "chips badges", ...found) : "";
}

// Returns the button that shows the rest of a row's group. field: the key that rows are collapsed by. ask(shape, k, skip)
// returns the answer of the same search, draw(hit) a card.
export function rest(hit, { field, ask, draw }) {
  const group = hit.adjustments?.group;
  if (!group || group.items < 2) return [];
  const t = texts().shaping;
  const list = element("ol", "rest");
  const opener = button("small", async () => {
    opener.disabled = true;
    try {
      const answer = await ask({ collapse: { field, group: group.value } }, AT_ONCE, 0);
      list.replaceChildren(...answer.hits.filter((one) => one.item_id !== hit.item_id).map(draw));
      opener.replaceWith(element("p", "soft", t.restShown(number(list.childElementCount), number(group.items))));
    } catch (error) {
      showFailure(error);
      opener.disabled = false;
    }
  }, t.rest(called(field), facetValue(field, group.value), number(group.items - 1)));
  return [opener, list];
}

// Fills the choice of the key that results are collapsed by.
export function fillCollapse(keys, chosen) {
  const known = chosen && !keys.includes(chosen) ? [...keys, chosen] : keys;
  fill($("collapse"), [["", texts().shaping.noCollapse], ...known.map((key) => [key, called(key)])], chosen);
}

// Returns buttons that pin or bury a row for the query, for admins; none without words.
export function pinButtons(hit, { admin, collection, query, again }) {
  if (!admin || !query) return [];
  const t = texts().shaping;
  const url = pinsOf(collection);
  const put = (place) => () => written(() => call(url, { query, external_id: hit.external_id, place }, "PUT"), again);
  const drop = () => written(() => call(`${url}?${new URLSearchParams({ query, external_id: hit.external_id })}`, undefined, "DELETE"), again);
  const is = hit.adjustments?.pinned || hit.adjustments?.buried;
  const choices = is ? [[t.unpin, drop]] : [[t.pin, put(1)], [t.bury, put(0)]];
  return [element("div", "pinning", ...choices.map(([text, act]) => marked(button("small", act, text))))];
}

export const mayPin = () => may("admin");

let edited = null; // the pin that the form changes

// Shows all pins of the collection, each with buttons that change and remove it; hidden for others than admins.
export async function showPins(collection, again) {
  const box = $("pins");
  box.hidden = !collection || !(await mayPin());
  if (box.hidden) return;
  const t = texts().shaping;
  const pins = await call(pinsOf(collection)).catch((error) => error);
  if (pins instanceof Error) return $("pins-list").replaceChildren(element("p", "soft", pins.message || texts().failed.other));
  const line = (pin) => element("li", "",
    element("b", "", pin.query), " → ", pin.external_id, " ",
    element("span", "soft", [pin.place ? t.place(pin.place) : t.buried, t.states[pin.state], span(pin), pin.note].filter(Boolean).join(" · ")), " ",
    button("small", () => edit(pin), t.edit), " ",
    marked(button("small", () => written(() => unpin(collection, pin), again), t.unpin)));
  edit(null);
  $("pins-list").replaceChildren(...listed(pins, t.noPins, (rows) => [element("ul", "", ...rows.map(line))]));
}

const unpin = (collection, { query, external_id }) =>
  call(`${pinsOf(collection)}?${new URLSearchParams({ query, external_id })}`, undefined, "DELETE");

// Puts a pin into the form, null: none.
function edit(pin) {
  edited = pin;
  const values = pin && { query: pin.query, item: pin.external_id, place: pin.place ?? 0, from: day(pin.valid_from), until: day(pin.valid_until) };
  for (const [name, value] of Object.entries(values ?? {})) $(`pin-${name}`).value = value;
  $("pin").querySelector("[type=submit]").textContent = pin ? texts().saveChange : texts().pinAdd;
  if (pin) $("pin-query").focus();
}

// Writes a pin with dates, from the form below the list, in place of the one that is edited.
export async function addPin(collection, again) {
  const value = (name) => $(`pin-${name}`).value.trim();
  const pin = { query: value("query"), external_id: value("item"), place: Number(value("place")), from: value("from") || null, until: value("until") || null };
  const before = edited;
  await written(async () => {
    await call(pinsOf(collection), { ...pin, note: before?.note ?? null }, "PUT");
    if (before && (before.query !== pin.query || before.external_id !== pin.external_id)) await unpin(collection, before);
  }, again);
}

const pinsOf = (collection) => `/collections/${encodeURIComponent(collection)}/pins`;
const day = (moment) => (moment ? moment.slice(0, 10) : "");
const span = (pin) => (pin.valid_from || pin.valid_until ? `${day(pin.valid_from)} ~ ${day(pin.valid_until)}` : "");

export function marked(made) {
  made.dataset.writes = "";
  return made;
}

export const written = (act, again) => writing(async () => {
  try {
    await act();
    await again();
  } catch (error) {
    showFailure(error);
  }
});
