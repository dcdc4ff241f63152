// The two sides of a comparison: which fusion each uses, sliders of weights, requests, lists with moved ranks.
import { $, element, fill, link, thumbnail } from "../common/dom.js";
import { plain, written } from "../common/formulas.js";
import { number } from "../common/language.js";
import { called, chips, someOf, titleOf } from "../common/values.js";
import { legCalled } from "../search/reasons/legs.js";
import { words } from "../texts/compare.js";

export const DEPTH = 20;
export const OWN = "own";
const STEP = 0.1;
const MOST = 3;
const CHIPS = 3; // values of the metadata that a row shows at once

const GENERATION = "g:"; // before a generation such as text@2

// Fills the choices of a side: the fusion in use, saved profiles, weights of one's own, and by the fusion in use, other
// generations of the collection's spaces.
export function fillSide(side, profiles, generations, chosen) {
  const others = generations.map((one) => [`${GENERATION}${one.space}@${one.generation}`, words().generation(one)]);
  const inUse = profiles.find((one) => one.active && !one.query_kind && !one.asker);
  const saved = profiles.filter((one) => !one.active).map((one) => [`p:${one.profile}`, words().saved(one.profile)]);
  fill($(`side-${side}`), [["", words().live(inUse?.profile)], ...saved, [OWN, words().own], ...others], chosen);
}

// Shows the sliders of a side with weights of its own; change(weights, method) after each.
export function showWeights(side, { ways, weights, method, shown }, change) {
  const box = $(`weights-${side}`);
  if (!shown) return box.replaceChildren();
  const kind = element("select");
  kind.ariaLabel = words().fusion;
  fill(kind, Object.entries(words().methods), method);
  kind.addEventListener("change", () => change(weights, kind.value));
  const rows = ways.flatMap((way) => {
    const value = weights[way] ?? 1;
    const told = element("output", "", number(value, 1));
    const slider = Object.assign(element("input"), { type: "range", min: 0, max: MOST, step: STEP, value });
    slider.ariaLabel = legCalled(way);
    slider.addEventListener("input", () => { told.textContent = number(Number(slider.value), 1); });
    slider.addEventListener("change", () => change({ ...weights, [way]: Number(slider.value) }, kind.value));
    return [element("span", "", legCalled(way)), slider, told];
  });
  box.replaceChildren(kind, element("div", "mix", ...rows));
}

// The request of a side; null where all weights are 0.
export function request(choice, { query, ways, weights, method, collection }) {
  const common = { collection, query, k: DEPTH, log: false }; // a comparison is no search of anybody's
  const fusion = fusionOf({ choice, weights, method }, ways);
  return fusion.legs?.length === 0 ? null : { ...common, ...fusion };
}

// What a side asks by, for a search as for a run on a query set.
export function fusionOf({ choice, weights, method }, ways) {
  if (choice === "") return {};
  if (choice === OWN) return { method, legs: legsOf(ways, weights) };
  if (!choice.startsWith(GENERATION)) return { profile: choice.slice(2) };
  const pinned = choice.slice(GENERATION.length);
  return { legs: ways.map((way) => (way === pinned.split("@")[0] ? { kind: "vector", space: pinned } : legOf(way))) };
}

// The legs of weights; those of weight 0 are left out.
export const legsOf = (ways, weights) =>
  ways.map((way) => ({ ...legOf(way), weight: weights[way] ?? 1 })).filter(({ weight }) => weight > 0);

const legOf = (way) => (["lexical", "identifier"].includes(way) ? { kind: way } : { kind: "vector", space: way });

// How many of the items both lists have, and how many of these at another rank.
export function overlap(a, b) {
  const at = new Map(b.map((hit) => [hit.item_id, hit.rank]));
  const same = a.filter((hit) => at.has(hit.item_id));
  return { same: same.length, moved: same.filter((hit) => at.get(hit.item_id) !== hit.rank).length };
}

// Draws a list. other: the other side's; extras(hit): nodes below a title, such as grades.
export function drawList(side, hits, other, extras) {
  const at = new Map(other.map((hit) => [hit.item_id, hit.rank]));
  $(`hits-${side}`).replaceChildren(...hits.map((hit) => row(hit, at.get(hit.item_id), extras)));
}

function row(hit, elsewhere, extras) {
  const [, title] = titleOf(hit);
  const [kind, short, long] = movement(hit.rank, elsewhere);
  const moved = Object.assign(element("span", "moved", short), { title: long, ariaLabel: long });
  const [picture] = hit.pictures;
  const body = element("div", "",
    link(`/item?id=${hit.item_id}`, "", ...written(title)),
    element("p", "key", hit.external_id),
    picture ? thumbnail(picture, `${plain(title)}: ${called(picture.role)}`) : "",
    someOf(chips(hit.metadata, hit.fields), CHIPS),
    ...extras(hit));
  const made = element("li", `answer ${kind}`, element("span", "rank", number(hit.rank)), body, moved);
  made.dataset.item = hit.item_id;
  for (const [event, on] of [["mouseenter", true], ["focusin", true], ["mouseleave", false], ["focusout", false]]) {
    made.addEventListener(event, () => pair(hit.item_id, on));
  }
  return made;
}

function movement(rank, elsewhere) {
  const t = words();
  if (elsewhere === undefined) return ["only", t.only, t.onlyLong];
  if (elsewhere === rank) return ["", t.still, t.stillLong];
  const by = Math.abs(elsewhere - rank);
  return elsewhere > rank ? ["up", t.up(by), t.upLong(by)] : ["down", t.down(by), t.downLong(by)];
}

// Marks an item on both sides.
function pair(item, on) {
  for (const one of document.querySelectorAll(`.answer[data-item="${item}"]`)) one.classList.toggle("same-item", on);
}
