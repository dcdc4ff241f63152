// One item: what it says, its pictures with what was read in them, and what is near it.
import { $, drawing, element, link, picture, thumbnail } from "../common/dom.js";
import { plain, written } from "../common/formulas.js";
import { open, titled } from "../common/head.js";
import { number, texts } from "../common/language.js";
import { say, showFailure, translated } from "../common/message.js";
import { call } from "../common/server.js";
import { called, chips, field, titleOf } from "../common/values.js";

const NEAR = 6;
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
  const caption = media.caption || `${called(media.role)} ${media.name || ""}`;
  frame.append(picture(`/pictures/${media.picture_id}`, caption, ""));
  const read = element("div", "read");
  const lines = element("ol", "lines");
  if (media.lines.length) frame.append(boxes(media, lines));
  const reading = Object.entries(media.readings).map(([kind, state]) => `${called(kind)}: ${texts().readings[state]}`);
  const about = [called(media.role), media.name, `${media.width} × ${media.height}`, ...reading].filter(Boolean);
  read.append(element("p", "soft", about.join(" · ")));
  if (media.caption) read.append(pair(called("caption"), media.caption));
  for (const found of media.identifiers) read.append(pair(called(found.label), `${found.raw} (${number(found.confidence, 2)})`));
  if (media.lines.length) read.append(element("p", "name", called("ocr")), lines);
  figure.append(frame, read);
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
    row.append(" ", element("span", "soft", number(line.confidence, 2)));
    const light = (on) => () => [shape, row].forEach((one) => one.classList.toggle("lit", on));
    for (const one of [shape, row]) {
      for (const name of ["mouseenter", "focus"]) one.addEventListener(name, light(true));
      for (const name of ["mouseleave", "blur"]) one.addEventListener(name, light(false));
    }
    // Within the list only: the page stays where the reader is.
    shape.addEventListener("mouseenter", () => { lines.scrollTop = row.offsetTop - lines.clientHeight / 2; });
    svg.append(shape);
    lines.append(row);
  }
  return svg;
}

function near({ space, hits, error, none }) {
  const section = element("section");
  section.append(element("h2", "", texts().nearIn(texts().legs[space] || space)));
  if (error) {
    const box = element("div");
    showFailure(error, { where: box, again: findNeighbours });
    section.append(box);
  } else if (none) section.append(element("p", "soft", none));
  else if (hits.length === 0) section.append(element("p", "soft", texts().noneNear));
  else section.append(nearest(hits));
  return section;
}

function nearest(hits) {
  const list = element("ul", "near");
  list.append(...hits.map((hit) => {
    const row = element("li");
    const made = link(`/item?id=${hit.item_id}`);
    made.append(...written(titleOf(hit)[1]));
    if (hit.pictures.length) row.append(thumbnail(hit.pictures[0], ""));
    const likeness = Object.values(hit.legs).find(Boolean);
    row.append(made, element("span", "soft likeness", likeness ? number(likeness.score, 3) : ""));
    return row;
  }));
  return list;
}

// Fields but those that repeat what was read on the pictures, which stands beside them.
function draw() {
  if (!item) return;
  const [titleName, title] = titleOf(item);
  titled(plain(title), item.collection);
  $("title").replaceChildren(...written(title));
  $("key").textContent = `${item.collection} / ${item.external_id}`;
  const beside = new Set(item.media.some((media) => media.lines?.length) ? ["ocr"] : []);
  if (item.media.some((media) => media.caption)) beside.add("caption");
  $("fields").replaceChildren(...Object.entries(item.fields)
    .filter(([name, text]) => name !== titleName && text && !beside.has(name))
    .map(([name, text]) => field(name, text)));
  $("metadata").replaceChildren(...chips(item.metadata, item.fields));
  $("media").replaceChildren(...item.media.map((media) =>
    media.error ? element("p", "wrong", `${media.name || called(media.role)}: ${translated(media.error)}`) : shownPicture(media)));
  $("neighbours").replaceChildren(...neighbours.map(near));
}

// In spaces where the item has a vector; of the others the page says why they show nothing.
async function nearIn({ space, modality }) {
  if (!item.spaces.includes(space)) {
    const pictures = item.media.some((media) => media.picture_id);
    return { space, none: modality === "image" && !pictures ? texts().noPictureHere : texts().noVectorHere };
  }
  try {
    const { hits } = await call(`/items/${id}/similar?space=${encodeURIComponent(space)}&k=${NEAR}`);
    return { space, hits };
  } catch (error) {
    return { space, error };
  }
}

async function findNeighbours() {
  const [collection, spaces] = await Promise.all([call(`/collections/${encodeURIComponent(item.collection)}`), call("/spaces")]);
  neighbours = await Promise.all(spaces.filter((one) => one.space in collection.vector_sources).map(nearIn));
  draw();
}

async function load() {
  try {
    item = await call(`/items/${encodeURIComponent(id)}`);
    say("");
    draw();
    await findNeighbours();
  } catch (error) {
    showFailure(error, { again: load });
  }
}

open("item", draw);
if (id) {
  say(texts().loading);
  load();
} else say(texts().noItem, "", "large");
