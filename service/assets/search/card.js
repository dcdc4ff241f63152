// Card of one search result.
import { button, element, link, thumbnail } from "../common/dom.js";
import { plain, written } from "../common/formulas.js";
import { number, texts } from "../common/language.js";
import { partLinks } from "../common/parts.js";
import { legCalled, ordered } from "./reasons/legs.js";
import { passage } from "./passages.js";
import { badges } from "./shaping.js";
import { called, chips, labelled, someOf, titleOf } from "../common/values.js";

const CHIPS = 6; // values of the metadata that a card shows at once

function shortField(name, text, html) {
  const value = element("p", "value", ...(html ? passage(html, text) : written(text)));
  if (text.length <= 240 && text.split("\n").length <= 3) return labelled(called(name), value);
  value.classList.add("short");
  return labelled(called(name), value, button("toggle", (event) => {
    if (html) value.replaceChildren(...written(text));
    event.target.textContent = value.classList.toggle("short") ? texts().all : texts().less;
  }, texts().all));
}

function leg(name, given) {
  const label = legCalled(name);
  const fill = element("span", "fill");
  // By rank, on a logarithmic scale: fused scores differ too little to be visible.
  fill.style.width = given ? `${100 / (1 + Math.log2(given.rank))}%` : "0";
  const box = element("div", given ? "leg" : "leg absent", element("span", "leg-name", label), element("span", "meter", fill),
    element("span", "leg-rank", given ? `#${given.rank}` : "–"));
  // The rounded score, for comparison; the exact one is in the API's response.
  box.title = given
    ? `${texts().rank(label, given.rank)} (${texts().score} ${given.score.toPrecision(4)})`
    : texts().absent(label);
  return box;
}

function side(hit, liking) {
  const choices = [["like", "+"], ["unlike", "−"]].map(([way, sign]) =>
    Object.assign(button("small", () => liking.toggle(way, hit), `${sign} ${texts()[way]}`), {
      ariaPressed: String(liking.has(way, hit)),
      disabled: way === "unlike" && !liking.any(), // "unlike" needs a "like" beside it
    }));
  return element("div", "side",
    ...ordered(hit.legs).map(([name, given]) => leg(name, given)),
    element("div", "liking", ...choices));
}

// Creates the title with highlights, unless the passage is only a part of it, or the title is made of several fields.
function titled(hit, titleName, title, html) {
  const whole = html && title === hit.fields[titleName] && !/^… | …$/.test(html);
  return link(`/item?id=${hit.item_id}`, "", ...(whole ? passage(html, title) : written(title)));
}

// Creates the card. liking: results that the next search should be like, with `has`, `any` and `toggle`. extras: nodes
// below the fields, such as the rest of a group.
export function card(hit, liking, extras = []) {
  const [titleName, title] = titleOf(hit);
  const passages = hit.highlights || {};
  const heading = element("h2", "", titled(hit, titleName, title, passages[titleName]));
  const pictures = hit.pictures.map((picture) => thumbnail(picture, `${plain(title)}: ${called(picture.role)}`));
  const fields = Object.entries(hit.fields).filter(([name, text]) => name !== titleName && text);
  const body = element("div", "body",
    element("div", "head", element("span", "rank", number(hit.rank)), heading),
    element("p", "key", hit.external_id),
    badges(hit),
    pictures.length ? element("div", "strip", ...pictures) : "",
    ...fields.map(([name, text]) => shortField(name, text, passages[name])),
    partLinks(hit),
    someOf(chips(hit.metadata, hit.fields), CHIPS),
    ...extras);
  return element("li", "card", body, side(hit, liking));
}
