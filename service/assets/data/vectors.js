// What the spaces of a collection embed: fields, templates and pictures per source. The number of vectors that a change
// makes anew is asked of the service before.
import { $, button, element, fill } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { call } from "../common/server.js";
import { words } from "../texts/data.js";
import { urlOf } from "./urls.js";

let spaces = []; // live ones
let paces = {}; // vectors a second lately, by space
let drafts = []; // spaces with their sources, as they are typed: [{ space, sources: [{ name, entries }], fed }]

// Loads the spaces there are; what was typed and not written is forgotten.
export async function loadVectors(row) {
  const [live, generations] = await Promise.all([call("/spaces"), call("/generations")]);
  spaces = live;
  paces = Object.fromEntries(generations.filter((one) => one.status === "live").map((one) => [one.space, one.rate]));
  drafts = Object.entries(row.vector_sources).map(([space, sources]) => ({
    space, fed: true, sources: Object.entries(sources).map(([name, entries]) => ({ name, entries: entries.join("\n") })),
  }));
}

// How long so many vectors take at the pace of the last minutes.
export const lasting = (space, items) =>
  (items === 0 ? "" : paces[space] ? words().minutes(number(Math.ceil(items / paces[space] / 60))) : words().unknownMinutes);

// Draws a form for each space, and a choice of those that are not fed. acting: wraps what writes.
export function drawVectors(place, row, acting) {
  const redraw = () => drawVectors(place, row, acting);
  place.replaceChildren(element("p", "soft", words().vectorsAbout),
    ...drafts.map((draft) => spaceForm(draft, row, acting, redraw)), more(redraw));
}

function spaceForm(draft, row, acting, redraw) {
  const t = words();
  const title = [texts().legs[draft.space], draft.space].filter(Boolean).join(" · ");
  const change = button("small", acting(() => changed(draft, row)), t.change);
  const stop = button("small", acting(() => stopped(draft, row)), t.stopSpace);
  const add = button("small", () => {
    draft.sources.push({ name: "", entries: "" });
    redraw();
  }, t.addSource);
  for (const one of [change, stop]) one.dataset.writes = "";
  return element("fieldset", "space", element("legend", "", title), ...draft.sources.map((source) => sourceRow(draft, source, redraw)),
    element("div", "row wrapped", add, change, draft.fed ? stop : ""));
}

function sourceRow(draft, source, redraw) {
  const t = words();
  const name = Object.assign(element("input"), { value: source.name, placeholder: "item" });
  const entries = Object.assign(element("textarea"), { value: source.entries, rows: Math.max(2, source.entries.split("\n").length), placeholder: "title\n[maker] {maker}" });
  name.addEventListener("input", () => { source.name = name.value.trim(); });
  entries.addEventListener("input", () => { source.entries = entries.value; });
  const drop = button("small", () => {
    draft.sources = draft.sources.filter((one) => one !== source);
    redraw();
  }, t.drop);
  drop.ariaLabel = t.dropSource(source.name);
  return element("div", "source", element("label", "", t.source, name), element("label", "wide", t.entries, entries), drop);
}

// The choice of a live space that the collection does not feed.
function more(redraw) {
  const left = spaces.filter(({ space }) => !drafts.some((draft) => draft.space === space));
  if (left.length === 0) return "";
  const select = element("select");
  fill(select, [["", words().addSpace], ...left.map(({ space }) => [space, [texts().legs[space], space].filter(Boolean).join(" · ")])], "");
  select.ariaLabel = words().addSpace;
  select.addEventListener("change", () => {
    const { modality } = left.find(({ space }) => space === select.value);
    const source = modality === "image" ? { name: "photo", entries: "@photo" } : { name: "item", entries: "title" };
    drafts.push({ space: select.value, fed: false, sources: [source] });
    redraw();
  });
  return select;
}

const of = (row, space, count) => urlOf(row.collection, `/vector-sources/${encodeURIComponent(space)}${count ? "?count_only=true" : ""}`);

async function changed({ space, sources }, row) {
  const given = Object.fromEntries(sources.map(({ name, entries }) => [name, entries.split("\n").map((one) => one.trim()).filter(Boolean)]));
  if (sources.length === 0 || Object.keys(given).length < sources.length || sources.some(({ name }) => !name || !given[name].length)) {
    $("settings-told").textContent = words().badSources;
    return null;
  }
  const { queued } = await call(of(row, space, true), given, "PUT");
  if (!confirm(words().vectorsSure(space, number(queued), lasting(space, queued)))) return null;
  const done = await call(of(row, space, false), given, "PUT");
  return words().vectorsDone(number(done.queued));
}

async function stopped({ space }, row) {
  const { items } = await call(of(row, space, true), undefined, "DELETE");
  if (!confirm(words().stopSure(space, number(items), lasting(space, items)))) return null;
  await call(of(row, space, false), undefined, "DELETE");
  return words().stopDone(number(items));
}
