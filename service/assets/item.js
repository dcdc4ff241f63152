import { $, call, drawing, element, number, open, say, showFailure, texts, thumbnail, titleOf } from "./common.js";

const id = new URLSearchParams(location.search).get("id");
let item = null;
let neighbours = []; // per space: its name and what is near there, or why nothing is

function pair(name, text) {
  const box = element("div", "field");
  box.append(element("span", "name", name), element("p", "value", text));
  return box;
}

// The picture with a box around each line that was read; a box and its line light up together.
function shownPicture(media) {
  const figure = element("figure", "picture");
  const frame = element("div", "frame");
  const image = element("img");
  image.src = `/pictures/${media.picture_id}`;
  image.alt = media.caption || `${media.role} ${media.name || ""}`;
  image.loading = "lazy";
  frame.append(image);
  const lines = element("ol", "lines");
  if (media.lines.length) frame.append(boxes(media, lines));
  const reading = Object.entries(media.readings).map(([kind, state]) => `${kind}: ${texts().readings[state]}`);
  const about = [media.role, media.name, `${media.width} × ${media.height}`, ...reading].filter(Boolean);
  figure.append(frame, element("figcaption", "soft", about.join(" · ")));
  if (media.caption) figure.append(element("p", "value", media.caption));
  for (const found of media.identifiers) figure.append(pair(found.label, `${found.raw} (${found.confidence.toFixed(2)})`));
  figure.append(lines);
  return figure;
}

function boxes(media, lines) {
  const svg = drawing("svg", { viewBox: `0 0 ${media.width} ${media.height}`, class: "boxes", "aria-hidden": "true" });
  for (const line of media.lines) {
    const corners = line.box.reduce((all, n, at) => all + (at % 2 ? `,${n} ` : n), "");
    const shape = drawing("polygon", { points: corners.trim(), class: "box" });
    const title = drawing("title", {});
    title.textContent = line.text;
    shape.append(title);
    const row = element("li", "", line.text);
    row.tabIndex = 0;
    row.append(" ", element("span", "soft", line.confidence.toFixed(2)));
    const light = (on) => () => [shape, row].forEach((one) => one.classList.toggle("lit", on));
    for (const one of [shape, row]) {
      for (const name of ["mouseenter", "focus"]) one.addEventListener(name, light(true));
      for (const name of ["mouseleave", "blur"]) one.addEventListener(name, light(false));
    }
    svg.append(shape);
    lines.append(row);
  }
  return svg;
}

function near({ space, hits, error }) {
  const section = element("section");
  section.append(element("h3", "", texts().nearIn(space)));
  if (error) {
    section.append(element("p", "soft", error));
    return section;
  }
  const list = element("ul", "near");
  list.append(...hits.map((hit) => {
    const row = element("li");
    const link = element("a", "", titleOf(hit)[1]);
    link.href = `/item?id=${hit.item_id}`;
    if (hit.pictures.length) row.append(thumbnail(hit.pictures[0], ""));
    const likeness = Object.values(hit.legs).find(Boolean);
    row.append(link, element("span", "soft", likeness ? number(likeness.score, 3) : ""));
    return row;
  }));
  section.append(hits.length ? list : element("p", "soft", texts().nothing));
  return section;
}

function draw() {
  if (!item) return;
  const [titleName, title] = titleOf(item);
  document.title = `${title} · Seogo`;
  $("title").textContent = title;
  $("key").textContent = `${item.collection} / ${item.external_id}`;
  $("fields").replaceChildren(...Object.entries(item.fields)
    .filter(([name, text]) => name !== titleName && text)
    .map(([name, text]) => pair(name, text)));
  $("metadata").replaceChildren(...Object.entries(item.metadata).map(([name, value]) => {
    const chip = element("span", "chip");
    chip.append(element("b", "", name), typeof value === "string" ? value : JSON.stringify(value));
    return chip;
  }));
  $("media").replaceChildren(...item.media.map((media) =>
    media.error ? element("p", "wrong", `${media.name || media.role}: ${media.error}`) : shownPicture(media)));
  $("neighbours").replaceChildren(...neighbours.map(near));
}

async function nearIn(space) {
  try {
    const { hits } = await call(`/items/${id}/similar?space=${encodeURIComponent(space)}&k=6`);
    return { space, hits };
  } catch (error) {
    return { space, error: error.message };
  }
}

async function load() {
  try {
    item = await call(`/items/${encodeURIComponent(id)}`);
    draw();
    const collection = await call(`/collections/${encodeURIComponent(item.collection)}`);
    const live = new Set((await call("/spaces")).map((space) => space.space));
    const fed = Object.keys(collection.vector_sources).filter((space) => live.has(space));
    neighbours = await Promise.all(fed.map(nearIn));
    draw();
  } catch (error) {
    showFailure(error);
  }
}

open("item", draw);
if (id) load();
else say(texts().noItem, "", "large");
