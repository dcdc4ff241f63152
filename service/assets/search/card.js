// Card of one search result: what one chooses by; the rest is made when it is unfolded.
import { button, element, link, thumbnail } from "../common/dom.js";
import { plain, written } from "../common/formulas.js";
import { number, texts } from "../common/language.js";
import { partLinks } from "../common/parts.js";
import { finding } from "../texts/finding.js";
import { legCalled, ordered } from "./reasons/legs.js";
import { passage } from "./passages.js";
import { badges } from "./shaping.js";
import { called, chips, labelled, titleOf } from "../common/values.js";

const CHIPS = 4; // values that a card shows at once
const SHORT = 40; // letters of a field that is shown as a chip

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

// The passage that says most of why: of the field with most highlights, else of the longest.
function snippetOf(hit, titleName) {
  const passages = hit.highlights || {};
  const marks = (name) => passages[name]?.split("<mark>").length ?? 0;
  const fields = Object.entries(hit.fields).filter(([name, text]) => name !== titleName && text);
  const [first] = fields.sort(([a, one], [b, other]) => (other.length > SHORT) - (one.length > SHORT) || marks(b) - marks(a) || other.length - one.length);
  return first ?? [];
}

// The chips of a card: keys that were chosen and fields with words of the query first, then short fields, then the metadata.
function fewChips(hit, said, chosen) {
  const title = Object.values(said)[0];
  const short = Object.entries(hit.fields).filter(([name, text]) => text && !(name in said) && text.length <= SHORT && !title.includes(text));
  const first = [...chosen, ...Object.keys(hit.highlights || {})];
  const place = ([name]) => (first.includes(name) ? first.indexOf(name) : first.length);
  const all = Object.entries({ ...Object.fromEntries(short), ...hit.metadata }).sort((a, b) => place(a) - place(b));
  return chips(Object.fromEntries(all), said).slice(0, CHIPS);
}

function side(hit, liking, buttons) {
  const choices = [["like", "+"], ["unlike", "−"]].map(([way, sign]) =>
    Object.assign(button("small", () => liking.toggle(way, hit), `${sign} ${texts()[way]}`), {
      ariaPressed: String(liking.has(way, hit)),
      disabled: way === "unlike" && !liking.any(), // "unlike" needs a "like" beside it
    }));
  return element("div", "side", element("div", "liking", ...choices), ...buttons);
}

// Creates the title with highlights, unless the passage is only a part of it, or the title is made of several fields.
function titled(hit, titleName, title, html) {
  const whole = html && title === hit.fields[titleName] && !/^… | …$/.test(html);
  return link(`/item?id=${hit.item_id}`, "", ...(whole ? passage(html, title) : written(title)));
}

// Creates the button that unfolds a box, which `make` fills the first time.
function unfolding(box, make) {
  box.hidden = true;
  const opener = button("toggle", () => {
    if (!box.childElementCount) box.append(...make());
    box.hidden = !box.hidden;
    opener.ariaExpanded = String(!box.hidden);
  }, finding().details);
  opener.ariaExpanded = "false";
  return opener;
}

// All fields, values and pictures, and the rank in each way.
function everything(hit, titleName, title) {
  const fields = Object.entries(hit.fields).filter(([name, text]) => name !== titleName && text);
  const pictures = hit.pictures.slice(1).map((picture) => thumbnail(picture, `${plain(title)}: ${called(picture.role)}`));
  const values = element("div", "", ...fields.map(([name, text]) => shortField(name, text, hit.highlights?.[name])),
    element("div", "chips", ...chips(hit.metadata, hit.fields)),
    pictures.length ? element("div", "strip", ...pictures) : "");
  return [values, element("div", "legs", ...ordered(hit.legs).map(([name, given]) => leg(name, given)))];
}

// Creates the card. liking: results that the next search should be like, with `has`, `any` and `toggle`. chosen: keys
// that the search narrows or sorts by. reasons: toggle and panel. extras: nodes below, such as the rest of a group;
// managing(): buttons among what is folded.
export function card(hit, { liking, chosen = [], reasons, extras = [], managing = () => [] }) {
  const [titleName, title] = titleOf(hit);
  const passages = hit.highlights || {};
  const [name, text] = snippetOf(hit, titleName);
  const said = { [titleName]: title, ...(name && { [name]: text }) };
  const [shown] = hit.pictures;
  const body = element("div", "body",
    shown ? element("div", "strip", thumbnail(shown, `${plain(title)}: ${called(shown.role)}`)) : "",
    element("div", "head", element("span", "rank", number(hit.rank)), element("h2", "", titled(hit, titleName, title, passages[titleName]))),
    badges(hit),
    name ? element("p", "snippet", element("span", "name", called(name)), " ", ...(passages[name] ? passage(passages[name], text) : written(text))) : "",
    partLinks(hit),
    element("div", "chips brief", element("span", "key", hit.external_id), ...fewChips(hit, said, chosen)));
  const folded = element("div", "folded");
  const opener = unfolding(folded, () => [...everything(hit, titleName, title), ...managing()]);
  return element("li", "card", body, side(hit, liking, [reasons?.toggle ?? "", opener]), reasons?.panel ?? "", folded, ...extras);
}
