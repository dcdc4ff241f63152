// One analysis: verdict, guess, map, similar pictures, guide and sections of the manual.
import { $, element, link, thumbnail } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { translated } from "../common/message.js";
import { called as labelled, folded } from "../common/values.js";
import { told as own } from "../texts/defects.js";
import { drawLevels } from "./levels.js";
import { drawMap } from "./map.js";
import { defectName, productName, viewName } from "./names.js";

// Draws an analysis.
export function drawFound(found) {
  $("result").hidden = !found;
  $("degraded").hidden = !found?.degraded.length;
  if (!found) return;
  $("verdict").textContent = texts().verdicts[found.verdict];
  $("verdict").className = `verdict ${found.verdict}`;
  $("told").textContent = told(found).join(" · ");
  $("degraded").replaceChildren(
    element("strong", "", texts().degradedStages), ...found.degraded.map((reason) => element("div", "", translated(reason))));
  drawGuess(found);
  drawMap(found);
  drawLevels($("levels"), found);
  $("nearest").replaceChildren(...found.nearest.map((one) => neighbour(found, one)));
  const [looks, sections] = [found.sections.filter(isLook), found.sections.filter((one) => !isLook(one))];
  $("look").replaceChildren(...looks.map(looked));
  $("guide").replaceChildren(...(found.guide ? guide(found.guide) : []));
  $("sections").replaceChildren(...(sections.length ? [element("h3", "", texts().sections), ...sections.map(section)] : []));
}

function told(found) {
  const parts = [productName(found.product), viewName(found.view)];
  if (found.score !== null) parts.push(texts().scored(number(found.score, 3), number(found.threshold, 3)));
  if (found.defect) parts.push(texts().lookingLike(defectName(found.product, found.defect)));
  parts.push(texts().timings(Object.entries(found.timing).map(([stage, ms]) => [labelled(stage, "STAGES"), number(ms)])));
  return parts;
}

// Says what was guessed of the picture, with the share of its neighbours that say so.
function drawGuess({ guess, product, view }) {
  const guessed = [[guess?.product, productName(product)], [guess?.view, viewName(view)]].filter(([share]) => typeof share === "number");
  $("guess").hidden = !guessed.length;
  $("guess").replaceChildren(element("strong", "", own().guessTitle), " ",
    guessed.map(([share, name]) => own().guessed(name, number(share * 100), number(guess.neighbours))).join(" · "),
    element("div", "soft", own().guessHint));
}

function neighbour(found, one) {
  const name = defectName(found.product, one.defect) || texts().normalName;
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

const isLook = (one) => one.kind === "look";

// What a vision model saw in the picture; the verdict is the measured one whatever it says. The guide cites it by its number.
function looked(one) {
  const lines = (one.text || "").split("\n").filter((line) => line.trim()).map((line) => element("li", "", line));
  const made = element("details", "notice", element("summary", "", own().lookTitle(one.document, one.number)), element("ul", "", ...lines),
    element("p", "soft", own().lookHint));
  return Object.assign(made, { id: `section-${one.number}`, open: true });
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
