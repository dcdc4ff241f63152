// Item page: its pictures with the text read in them, its fields, and similar items.
import { $, button, element, link, listed, thumbnail } from "../common/dom.js";
import { fragment } from "../common/address.js";
import { cutOut } from "../common/cropping.js";
import { plain, written } from "../common/formulas.js";
import { open, titled } from "../common/head.js";
import { number, texts } from "../common/language.js";
import { failureBox, reporting, say, translated } from "../common/message.js";
import { call } from "../common/server.js";
import { drawArticle, loadArticle, parted } from "./article.js";
import { classKeys, drawClasses } from "./classes.js";
import { followDwell } from "./dwell.js";
import { drawEditor } from "./editing.js";
import { drawHistory } from "./history.js";
import { drawPictures } from "./pictures.js";
import { keep } from "../search/uploads.js";
import { about } from "../texts/item.js";
import { called, chips, field, labelled, nameKeys, titleOf } from "../common/values.js";

const NEAR = 6;
const id = new URLSearchParams(location.search).get("id");
let item = null;
let collection = null; // its settings
let spaces = []; // live spaces that the collection feeds
let keys = []; // metadata keys to classify by
let neighbours = []; // by space: similar items, or why there are none

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
  const facts = [
    of_pictures ? texts().captionOf(number(of_pictures), number(pictures)) : "",
    unanswered ? texts().captionUnanswered(number(unanswered)) : "",
    caption && !searched ? texts().captionOld : "",
    state === "made" ? "" : `${texts().readings[state]}${error ? `: ${translated(error)}` : ""}`,
  ].filter(Boolean);
  return labelled(called("item_caption", "KINDS"),
    ...(caption ? [element("p", "value", caption)] : []), element("p", "soft", facts.join(" · ")));
}

// Draws the item. Fields that repeat the text read on its pictures are left out: it stands beside the pictures.
function draw() {
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
  drawArticle($("article"), item);
  drawNeighbours();
  drawClasses($("classes"), item, keys);
}

// Draws everything anew: a zoom is closed by it, and a form that is open is filled again with what was typed.
function drawAll() {
  if (!item || !collection) return;
  drawEditor($("edit"), item, load);
  drawHistory($("history"), item);
  drawPictures($("media"), item, searches);
  draw();
}

// Returns the button that searches by a region of a picture, where the collection can be searched by one.
function searches(media) {
  if (!("ocr" in collection.picture_readers) && spaces.every((one) => one.modality === "text")) return [];
  return [button("small", async () => {
    const file = await cutOut(`/pictures/${media.picture_id}`, titleOf(item)[1]);
    if (file) location.href = `/${fragment({ c: item.collection, p: await keep(file) })}`;
  }, about().byRegion)];
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
  [keys, ...neighbours] = await Promise.all([classKeys(item), nearByAll(), ...spaces.map(nearIn)]);
  drawClasses($("classes"), item, keys);
  drawNeighbours(); // the rest stays: a text may have been unfolded meanwhile
}

async function loadCollection() {
  const [settings, live] = await Promise.all([call(`/collections/${encodeURIComponent(item.collection)}`), call("/spaces")]);
  collection = settings;
  spaces = live.filter((one) => one.space in settings.vector_sources);
  nameKeys(settings.labels);
}

const load = reporting(async () => {
  item = await call(`/items/${encodeURIComponent(id)}`);
  await Promise.all([loadCollection(), loadArticle(item)]); // drawn once: nobody's unfolded text is folded again
  say("");
  drawAll();
  await findNeighbours();
}, { again: () => load() });

open("item", drawAll);
if (id) {
  say(texts().loading, "", "busy");
  followDwell(id);
  load();
} else say(texts().noItem, "", "large");
