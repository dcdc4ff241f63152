// What narrows a search down or turns it: counts of values, what was chosen, weights of the ways of searching.
import { $, button, element, picture as image } from "../common/dom.js";
import { plain } from "../common/formulas.js";
import { number, texts } from "../common/language.js";
import { called, facetValue } from "../common/values.js";

const FACETS = 6;

// facets: by key, values with how many items have them. choose(name, value).
export function showFacets(facets, chosen, choose) {
  const groups = Object.entries(facets).filter(([name, values]) => values.length > 1 || name in chosen);
  $("facets").replaceChildren(...groups.map(([name, values]) => {
    const group = element("div", "facet");
    group.append(element("span", "name", called(name)));
    group.append(...values.slice(0, FACETS).map(({ value, items }) => {
      const choice = button(null, "chip choice", () => choose(name, value));
      choice.append(element("span", "", plain(facetValue(name, value))), " ", element("span", "n", number(items)));
      choice.ariaLabel = `${called(name)}: ${plain(facetValue(name, value))}, ${texts().items(items)}`;
      choice.ariaPressed = String(chosen[name] === value);
      return choice;
    }));
    return group;
  }));
}

// What was chosen beside the words, each with a way to leave it out again: drop(changes of the state).
export function showChosen(state, picture, titles, drop) {
  const without = (values, name) => Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
  const made = Object.entries(state.m).map(([name, value]) =>
    dropping(`${called(name)}: ${plain(facetValue(name, value))}`, () => drop({ m: without(state.m, name) })));
  for (const [way, sign] of [["like", "+"], ["unlike", "−"]]) {
    made.push(...state[way].map((id) => dropping(`${sign} ${titles.get(id) ?? `#${id}`}`, () => {
      const left = state[way].filter((one) => one !== id);
      drop(way === "like" && left.length === 0 ? { like: [], unlike: [] } : { [way]: left });
    })));
  }
  if (picture) made.push(shownPicture(picture, () => drop({ p: "" })));
  $("chosen").replaceChildren(...made);
}

function shownPicture(picture, drop) {
  const chip = dropping(picture.gone ? texts().pictureGone : picture.name, drop);
  if (!picture.gone) chip.prepend(image(picture.url, texts().yourPicture, "dropped"));
  return chip;
}

function dropping(text, drop) {
  const chip = button(text, "chip choice", drop);
  chip.append(element("span", "", " ×"));
  chip.ariaLabel = texts().leaveOut(text);
  return chip;
}

// weigh(name, weight) when somebody moves one.
export function showWeights(names, weights, weigh) {
  $("weights").replaceChildren(...names.map((name) => {
    const label = element("label", "weight");
    const input = element("input");
    Object.assign(input, { type: "range", min: 0, max: 3, step: 0.25, value: weights[name] ?? 1 });
    const value = element("output", "", String(weights[name] ?? 1));
    input.addEventListener("input", () => { value.textContent = input.value; });
    input.addEventListener("change", () => weigh(name, Number(input.value)));
    label.append(element("span", "", texts().legs[name] || name), input, value);
    return label;
  }));
}
