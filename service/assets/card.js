// One result. Texts are set with textContent only: what was indexed never becomes markup.
import { button, element, marked, texts, thumbnail, titleOf } from "./common.js";

function field(name, text, passage) {
  const box = element("div", "field");
  box.append(element("span", "name", name));
  const value = element("p", "value");
  const whole = () => value.replaceChildren(text);
  box.append(value);
  if (passage) value.replaceChildren(...marked(passage));
  else whole();
  if (text.length > 240 || text.split("\n").length > 3) {
    value.classList.add("short");
    box.append(button(texts().all, "toggle", (event) => {
      if (passage) whole();
      event.target.textContent = value.classList.toggle("short") ? texts().all : texts().less;
    }));
  }
  return box;
}

function plain(value) {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function chip(key, value) {
  const box = element("span", "chip");
  const text = plain(value);
  box.append(element("b", "", key), document.createTextNode(text));
  box.title = `${key}: ${text}`;
  return box;
}

function leg(name, given) {
  const label = texts().legs[name] || name;
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
  score.append(element("span", "", texts().score), element("b", "", hit.score.toFixed(4)));
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

// liking: which results the next search should be like: `has`, `any`, `toggle`.
export function card(hit, liking) {
  const made = element("li", "card");
  const [titleName, title] = titleOf(hit);
  const passages = hit.highlights || {};
  const heading = element("h2");
  const link = element("a");
  link.href = `/item?id=${hit.item_id}`;
  // A passage may be a part of the title only.
  const whole = passages[titleName] && marked(passages[titleName]).map((n) => n.textContent).join("") === title;
  link.append(...(whole ? marked(passages[titleName]) : [title]));
  heading.append(link);
  const head = element("div", "head");
  head.append(element("span", "rank", String(hit.rank)), heading);
  const body = element("div", "body");
  body.append(head, element("p", "key", hit.external_id));
  if (hit.pictures.length) {
    const strip = element("div", "strip");
    strip.append(...hit.pictures.map((picture) => thumbnail(picture, `${title}: ${picture.role}`)));
    body.append(strip);
  }
  for (const [name, text] of Object.entries(hit.fields)) {
    if (name !== titleName && text) body.append(field(name, text, passages[name]));
  }
  const chips = element("div", "chips");
  chips.append(...Object.entries(hit.metadata).map(([name, value]) => chip(name, value)));
  body.append(chips);
  made.append(body, side(hit, liking));
  return made;
}
