// One result.
import { button, element, link, thumbnail } from "../common/dom.js";
import { plain, written } from "../common/formulas.js";
import { number, texts } from "../common/language.js";
import { passage } from "./passages.js";
import { called, chips, titleOf } from "../common/values.js";

function shortField(name, text, html) {
  const box = element("div", "field");
  box.append(element("span", "name", called(name)));
  const value = element("p", "value");
  const whole = () => value.replaceChildren(...written(text));
  box.append(value);
  if (html) value.replaceChildren(...passage(html, text));
  else whole();
  if (text.length > 240 || text.split("\n").length > 3) {
    value.classList.add("short");
    box.append(button(texts().all, "toggle", (event) => {
      if (html) whole();
      event.target.textContent = value.classList.toggle("short") ? texts().all : texts().less;
    }));
  }
  return box;
}

function legCalled(name) {
  const [, space] = name.match(/^like-(.+)$/) || [];
  return space ? texts().likeLeg(texts().legs[space] || space) : texts().legs[name] || name;
}

function leg(name, given) {
  const label = legCalled(name);
  const box = element("div", given ? "leg" : "leg absent");
  // The score, rounded, because an analyst compares it; the exact one is in the API's answer.
  box.title = given
    ? `${texts().rank(label, given.rank)} (${texts().score} ${given.score.toPrecision(4)})`
    : texts().absent(label);
  const meter = element("span", "meter");
  const fill = element("span", "fill");
  // By rank, on a logarithmic scale: fused contributions differ too little to be seen.
  fill.style.width = given ? `${100 / (1 + Math.log2(given.rank))}%` : "0";
  meter.append(fill);
  box.append(element("span", "leg-name", label), meter);
  box.append(element("span", "leg-rank", given ? `#${given.rank}` : "–"));
  return box;
}

function side(hit, liking) {
  const made = element("div", "side");
  const score = element("div", "score");
  score.append(element("span", "", texts().score), element("b", "", number(hit.score, 4)));
  made.append(score);
  // Words first, meaning last, whatever the order in the answer.
  const order = ["lexical", "identifier"];
  const place = (name) => (order.indexOf(name) + 1 || order.length + 1);
  const legs = Object.entries(hit.legs).sort(([a], [b]) => place(a) - place(b));
  made.append(...legs.map(([name, given]) => leg(name, given)));
  const choices = element("div", "liking");
  for (const [way, sign] of [["like", "+"], ["unlike", "−"]]) {
    const choice = button(`${sign} ${texts()[way]}`, "small", () => liking.toggle(way, hit));
    choice.ariaPressed = String(liking.has(way, hit));
    // Being away from something needs something to be near to.
    choice.disabled = way === "unlike" && !liking.any();
    choices.append(choice);
  }
  made.append(choices);
  return made;
}

// A passage may be a part of the title only; and a title may be made of several fields.
function titled(hit, titleName, title, html) {
  const made = link(`/item?id=${hit.item_id}`);
  const whole = html && title === hit.fields[titleName] && !/^… | …$/.test(html);
  made.append(...(whole ? passage(html, title) : written(title)));
  return made;
}

// liking: which results the next search should be like: `has`, `any`, `toggle`.
export function card(hit, liking) {
  const made = element("li", "card");
  const [titleName, title] = titleOf(hit);
  const passages = hit.highlights || {};
  const heading = element("h2");
  heading.append(titled(hit, titleName, title, passages[titleName]));
  const head = element("div", "head");
  head.append(element("span", "rank", number(hit.rank)), heading);
  const body = element("div", "body");
  body.append(head, element("p", "key", hit.external_id));
  if (hit.pictures.length) {
    const strip = element("div", "strip");
    strip.append(...hit.pictures.map((picture) => thumbnail(picture, `${plain(title)}: ${called(picture.role)}`)));
    body.append(strip);
  }
  for (const [name, text] of Object.entries(hit.fields)) {
    if (name !== titleName && text) body.append(shortField(name, text, passages[name]));
  }
  const about = element("div", "chips");
  about.append(...chips(hit.metadata, hit.fields));
  body.append(about);
  made.append(body, side(hit, liking));
  return made;
}
