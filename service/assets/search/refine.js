// Refinements of a search: facets, chosen values, weights of the legs.
import { $, button, element, picture as image } from "../common/dom.js";
import { plain } from "../common/formulas.js";
import { number, texts } from "../common/language.js";
import { called, facetValue } from "../common/values.js";
import { cutOut } from "../common/cropping.js";
import { finding } from "../texts/finding.js";
import { dayCalled } from "./asof.js";
import { legCalled } from "./reasons/legs.js";
import { rangeCalled } from "./results.js";
import { keep } from "./uploads.js";

const FACETS = 6;

// Shows the facets: by key, values with their number of items. choose(name, value) is called by a click.
export function showFacets(facets, chosen, choose) {
  const groups = Object.entries(facets).filter(([name, values]) => values.length > 1 || name in chosen);
  $("facets").replaceChildren(...groups.map(([name, values]) => {
    const choices = values.slice(0, FACETS).map(({ value, items }) => {
      const text = plain(facetValue(name, value));
      const choice = button("chip choice", () => choose(name, value), element("span", "", text), " ", element("span", "n", number(items)));
      return Object.assign(choice, {
        ariaLabel: `${called(name)}: ${text} ${number(items)}`, ariaPressed: String(chosen[name] === value),
      });
    });
    return element("div", "facet", element("span", "name", called(name)), ...choices);
  }));
}

// Shows what was chosen beside the words, each with a button to remove it: drop(changes of the state).
export function showChosen(state, picture, titles, drop) {
  const without = (values, name) => Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
  const made = Object.entries(state.m).map(([name, value]) =>
    dropping(`${called(name)}: ${plain(facetValue(name, value))}`, () => drop({ m: without(state.m, name) })));
  made.push(...Object.entries(state.r).map(([name, value]) =>
    dropping(`${called(name)}: ${rangeCalled(name, value)}`, () => drop({ r: without(state.r, name) }))));
  if (state.d) made.push(dropping(dayCalled(state.d), () => drop({ d: "" })));
  for (const [way, sign] of [["like", "+"], ["unlike", "−"]]) {
    made.push(...state[way].map((id) => dropping(`${sign} ${titles.get(id) ?? `#${id}`}`, () => {
      const left = state[way].filter((one) => one !== id);
      drop(way === "like" && left.length === 0 ? { like: [], unlike: [] } : { [way]: left });
    })));
  }
  if (picture) made.push(...shownPicture(picture, drop));
  $("chosen").replaceChildren(...made);
}

// The picture searched by, and a button that searches by a region of it instead.
function shownPicture(picture, go) {
  const chip = dropping(picture.gone ? texts().pictureGone : picture.name, () => go({ p: "" }));
  if (picture.gone) return [chip];
  chip.prepend(image(picture.url, texts().yourPicture, "dropped"));
  const part = button("chip choice", async () => {
    const file = await cutOut(picture.file ? picture.url : `/pictures/${picture.id}`, picture.name);
    if (file) go({ p: await keep(file) });
  }, finding().part);
  return [chip, part];
}

function dropping(text, drop) {
  const chip = button("chip choice", drop, text, element("span", "", " ×"));
  return Object.assign(chip, { ariaLabel: texts().leaveOut(text) });
}

// Shows a slider per leg; weigh(name, weight) is called when one is moved.
export function showWeights(names, weights, weigh) {
  $("weights").replaceChildren(...names.map((name) => {
    const input = Object.assign(element("input"), { type: "range", min: 0, max: 3, step: 0.25, value: weights[name] ?? 1 });
    const value = element("output", "", String(weights[name] ?? 1));
    input.addEventListener("input", () => { value.textContent = input.value; });
    input.addEventListener("change", () => weigh(name, Number(input.value)));
    return element("label", "weight", element("span", "", legCalled(name)), input, value);
  }));
}
