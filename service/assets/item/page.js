// Item page: its fields, its pictures with the text read in them, and similar items.
import { $, drawing, element, link, listed, picture, thumbnail } from "../common/dom.js";
import { plain, written } from "../common/formulas.js";
import { open, titled } from "../common/head.js";
import { number, texts } from "../common/language.js";
import { failureBox, reporting, say, translated } from "../common/message.js";
import { call } from "../common/server.js";
import { drawArticle, loadArticle, parted } from "./article.js";
import { classKeys, drawClasses } from "./classes.js";
import { followDwell } from "./dwell.js";
import { called, chips, field, labelled, titleOf } from "../common/values.js";

const NEAR = 6;
const id = new URLSearchParams(location.search).get("id");
let item = null;
let keys = []; // metadata keys to classify by
let neighbours = []; // by space: similar items, or why there are none

const pair = (name, text) => labelled(name, element("p", "value", text));

// Shows a picture with a box around each line read by OCR; a box and its line are highlighted together.
function shownPicture(media) {
  const caption = media.caption || `${called(media.role)} ${media.name || ""}`;
  const lines = element("ol", "lines");
  const frame = element("div", "frame",
    picture(`/pictures/${media.picture_id}`, caption, ""), media.lines.length ? boxes(media, lines) : "");
  const reading = Object.entries(media.readings).map(([kind, state]) => `${called(kind)}: ${texts().readings[state]}`);
  const about = [called(media.role), media.name, `${media.width} × ${media.height}`, ...reading].filter(Boolean);
  const numbers = media.identifiers.map((found) => pair(called(found.label), `${found.raw} (${number(found.confidence, 2)})`));
  return element("figure", "picture", frame, element("div", "read",
    element("p", "soft", about.join(" · ")),
    media.caption ? pair(called("caption"), media.caption) : "",
    ...numbers,
    ...(media.lines.length ? [element("p", "name", called("ocr")), lines] : [])));
}

function boxes(media, lines) {
  const svg = drawing("svg", { viewBox: `0 0 ${media.width} ${media.height}`, class: "boxes", "aria-hidden": "true" });
  for (const line of media.lines) {
    const corners = line.box.reduce((all, n, at) => all + (at % 2 ? `,${n} ` : n), "");
    const shape = drawing("polygon", { points: corners.trim(), class: "box" }, drawing("title", {}, line.text));
    const row = element("li", "", line.text, " ", element("span", "soft", number(line.confidence, 2)));
    row.tabIndex = 0;
    const light = (on) => () => [shape, row].forEach((one) => one.classList.toggle("lit", on));
    for (const one of [shape, row]) {
      for (const name of ["mouseenter", "focus"]) one.addEventListener(name, light(true));
      for (const name of ["mouseleave", "blur"]) one.addEventListener(name, light(false));
    }
    // Scrolls the list only, not the page.
    shape.addEventListener("mouseenter", () => { lines.scrollTop = row.offsetTop - lines.clientHeight / 2; });
    svg.append(shape);
    lines.append(row);
  }
  return svg;
}

function near({ space, hits, error, none }) {
  const shown = error
    ? [failureBox(error, findNeighbours)]
    : listed(none ? [] : hits, none || texts().noneNear, () => [element("ul", "near", ...hits.map(nearest))]);
  return element("section", "", element("h2", "", texts().nearIn(texts().legs[space] || space)), ...shown);
}

// Of several legs no score is a likeness.
const fused = (hit) => Object.keys(hit.legs).length > 1;

function nearest(hit) {
  const likeness = Object.values(hit.legs).find(Boolean);
  return element("li", "",
    hit.pictures.length ? thumbnail(hit.pictures[0], "") : "",
    link(`/item?id=${hit.item_id}`, "", ...written(titleOf(hit)[1])),
    element("span", "soft likeness", likeness && !fused(hit) ? number(likeness.score, 3) : ""));
}

// Shows the caption of all pictures, with the number of those it was made of, or why there is none.
function whole({ caption, state, pictures, of_pictures, unanswered, searched, error }) {
  const about = [
    of_pictures ? texts().captionOf(number(of_pictures), number(pictures)) : "",
    unanswered ? texts().captionUnanswered(number(unanswered)) : "",
    caption && !searched ? texts().captionOld : "",
    state === "made" ? "" : `${texts().readings[state]}${error ? `: ${translated(error)}` : ""}`,
  ].filter(Boolean);
  return labelled(called("item_caption", "KINDS"),
    ...(caption ? [element("p", "value", caption)] : []), element("p", "soft", about.join(" · ")));
}

// Draws the item. Fields that repeat the text read on its pictures are left out: it stands beside the pictures.
function draw() {
  if (!item) return;
  const [titleName, title] = titleOf(item);
  titled(plain(title), item.collection);
  $("title").replaceChildren(...written(title));
  $("key").textContent = `${item.collection} / ${item.external_id}`;
  const beside = new Set([...parted(), ...(item.media.some((media) => media.lines?.length) ? ["ocr"] : [])]);
  if (item.caption?.caption || item.media.some((media) => media.caption)) beside.add("caption");
  $("fields").replaceChildren(...Object.entries(item.fields)
    .filter(([name, text]) => name !== titleName && text && !beside.has(name))
    .map(([name, text]) => field(name, text)), item.caption ? whole(item.caption) : "");
  $("metadata").replaceChildren(...chips(item.metadata, item.fields));
  $("media").replaceChildren(...item.media.map((media) =>
    media.error ? element("p", "wrong", `${media.name || called(media.role)}: ${translated(media.error)}`) : shownPicture(media)));
  drawArticle($("article"), item);
  drawNeighbours();
  drawClasses($("classes"), item, keys);
}

const drawNeighbours = () => $("neighbours").replaceChildren(...neighbours.map(near));

// Loads similar items in a space, or the reason why the item has no vector there.
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

// Loads what the item's words and vectors find together.
async function nearByAll() {
  const space = texts().byAll;
  try {
    const { hits } = await call(`/collections/${encodeURIComponent(item.collection)}/search`, { item: item.item_id, k: NEAR });
    return { space, hits };
  } catch (error) {
    return { space, error };
  }
}

async function findNeighbours() {
  const [collection, spaces] = await Promise.all([call(`/collections/${encodeURIComponent(item.collection)}`), call("/spaces")]);
  const fed = spaces.filter((one) => one.space in collection.vector_sources);
  [keys, ...neighbours] = await Promise.all([classKeys(item), nearByAll(), ...fed.map(nearIn)]);
  drawClasses($("classes"), item, keys);
  drawNeighbours(); // the rest stays: a text may have been unfolded meanwhile
}

const load = reporting(async () => {
  item = await call(`/items/${encodeURIComponent(id)}`);
  say("");
  draw();
  await loadArticle(item);
  draw();
  await findNeighbours();
}, { again: () => load() });

open("item", draw);
if (id) {
  say(texts().loading);
  followDwell(id);
  load();
} else say(texts().noItem, "", "large");
