// One result. Texts are set with textContent only: what was indexed never becomes markup.

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function titleOf(hit) {
  const names = Object.keys(hit.fields);
  const name = ["title", "name", "question", "subject"].find((n) => hit.fields[n]) || names.find((n) => hit.fields[n]);
  return [name, name ? hit.fields[name] : hit.external_id];
}

function field(name, text, texts) {
  const box = element("div", "field");
  box.append(element("span", "name", name));
  const value = element("p", "value", text);
  box.append(value);
  if (text.length > 240 || text.split("\n").length > 3) {
    value.classList.add("short");
    const more = element("button", "toggle", texts.all);
    more.type = "button";
    more.addEventListener("click", () => {
      more.textContent = value.classList.toggle("short") ? texts.all : texts.less;
    });
    box.append(more);
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

function leg(name, given, texts) {
  const label = texts.legs[name] || name;
  const box = element("div", given ? "leg" : "leg absent");
  // The score, rounded, because an analyst compares it; the exact one is in the API's answer.
  box.title = given
    ? `${texts.rank(label, given.rank)} (${texts.score} ${given.score.toPrecision(4)})`
    : texts.absent(label);
  const meter = element("span", "meter");
  const fill = element("span", "fill");
  // By rank, on a logarithmic scale: fused contributions differ too little to be seen.
  fill.style.width = given ? `${100 / (1 + Math.log2(given.rank))}%` : "0";
  meter.append(fill);
  box.append(element("span", "leg-name", label), meter);
  box.append(element("span", "leg-rank", given ? `#${given.rank}` : "–"));
  return box;
}

export function card(hit, texts) {
  const made = element("li", "card");
  const [titleName, title] = titleOf(hit);
  const head = element("div", "head");
  head.append(element("span", "rank", String(hit.rank)), element("h2", "", title));
  const key = element("p", "key", hit.external_id);
  const body = element("div", "body");
  body.append(head, key);
  for (const [name, text] of Object.entries(hit.fields)) {
    if (name !== titleName && text) body.append(field(name, text, texts));
  }
  const chips = element("div", "chips");
  chips.append(...Object.entries(hit.metadata).map(([name, value]) => chip(name, value)));
  body.append(chips);
  const side = element("div", "side");
  const score = element("div", "score");
  score.append(element("span", "", texts.score), element("b", "", hit.score.toFixed(4)));
  side.append(score);
  // Words first, meaning last, whatever the order in the answer.
  const order = ["lexical", "identifier"];
  const place = (name) => (order.indexOf(name) + 1 || order.length + 1);
  const legs = Object.entries(hit.legs).sort(([a], [b]) => place(a) - place(b));
  side.append(...legs.map(([name, given]) => leg(name, given, texts)));
  made.append(body, side);
  return made;
}
