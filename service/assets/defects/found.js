// One analysis: verdict, pictures, similar pictures, guide and sections of the manual.
import { $, element, fill, link, thumbnail } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { translated } from "../common/message.js";
import { called as labelled, folded } from "../common/values.js";

export const LAYERS = ["picture", "heatmap", "mask", "overlay", "compared"];

export const layersOf = (found) => LAYERS.filter((kind) => found.images.includes(kind));
export const imageOf = (id, kind) => `/defects/analyses/${id}/images/${kind}`;

// Shows one layer of the picture.
export function drawLayer(found, wanted) {
  const there = layersOf(found);
  const layer = there.includes(wanted) ? wanted : there[0];
  $("layers").hidden = there.length < 2;
  $("layer").max = there.length - 1;
  $("layer").value = there.indexOf(layer);
  $("layer").ariaValueText = texts().layers[layer];
  $("layer-name").value = texts().layers[layer];
  fill($("layer-names"), there.map((kind, at) => [at, texts().layers[kind]]));
  $("image").src = imageOf(found.analysis_id, layer);
  $("image").alt = texts().layers[layer];
}

// Draws an analysis. names: function from product and defect to the defect's name.
export function drawFound(found, layer, names) {
  $("result").hidden = !found;
  $("degraded").hidden = !found?.degraded.length;
  if (!found) return;
  $("verdict").textContent = texts().verdicts[found.verdict];
  $("verdict").className = `verdict ${found.verdict}`;
  $("told").textContent = told(found, names).join(" · ");
  $("degraded").replaceChildren(
    element("strong", "", texts().degradedStages), ...found.degraded.map((reason) => element("div", "", translated(reason))));
  drawLayer(found, layer);
  $("nearest").replaceChildren(...found.nearest.map((one) => neighbour(found, one, names)));
  $("guide").replaceChildren(...(found.guide ? guide(found.guide) : []));
  $("sections").replaceChildren(...(found.sections.length ? [element("h3", "", texts().sections), ...found.sections.map(section)] : []));
}

function told(found, names) {
  const parts = [];
  if (found.score !== null) parts.push(texts().scored(number(found.score, 3), number(found.threshold, 3)));
  if (found.defect) parts.push(texts().lookingLike(names(found.product, found.defect)));
  parts.push(texts().timings(Object.entries(found.timing).map(([stage, ms]) => [labelled(stage, "STAGES"), number(ms)])));
  return parts;
}

function neighbour(found, one, names) {
  const name = names(found.product, one.defect) || texts().normalName;
  return link(`/item?id=${one.item_id}`, "neighbour",
    one.picture_id ? thumbnail(one, name) : "", element("span", "soft", `${name} ${number(one.score, 3)}`));
}

function guide(given) {
  const parts = [[texts().why, given.causes], [texts().whatToDo, given.actions], [texts().alsoTold, given.more]];
  const made = parts.filter(([, statements]) => statements.length).flatMap(([title, statements]) => [
    element("h3", "", title),
    element("ul", "", ...statements.map((one) => element("li", "", one.text, ...one.cites.map(cite)))),
  ]);
  return [element("h2", "", texts().guide), element("p", "soft", texts().guideBy(given.writer)), ...made];
}

// Creates a link that jumps to a section without changing the address.
function cite(cited) {
  const made = link(`#section-${cited}`, "cite", `[${cited}]`);
  made.ariaLabel = texts().toSection(cited);
  made.addEventListener("click", (event) => {
    event.preventDefault();
    const to = $(`section-${cited}`);
    to.open = true;
    to.scrollIntoView({ block: "start" });
    to.querySelector("summary").focus({ preventScroll: true });
  });
  return made;
}

function section(one) {
  const about = [one.title, one.document, one.page ? texts().page(one.page) : ""].filter(Boolean).join(" · ");
  const made = element("details", "field", element("summary", "", `[${one.number}] ${about}`), ...folded(one.text || ""));
  return Object.assign(made, { id: `section-${one.number}` });
}
