// Defect page: inspecting and registering pictures, feedback, statistics.
import * as address from "../common/address.js";
import { $, element, fill, link, listed, picture, table } from "../common/dom.js";
import { open, titled } from "../common/head.js";
import { moment, spoken, texts } from "../common/language.js";
import { loaded, reporting, say, showFailure } from "../common/message.js";
import { call, may } from "../common/server.js";
import { called as labelled, value } from "../common/values.js";
import { rest, writing } from "../common/writing.js";
import { LAYERS, drawFound, drawLayer, imageOf, layersOf } from "./found.js";

let products = null; // null: not loaded
let found = null; // the analysis on the page
let layer = "overlay";
let queue = null;
let counts = null;
let recent = null;
let writer = true;
let asked = 0; // only the latest request may write to the page

const chosen = () => (products || []).find((one) => one.product === $("product").value);

function called(row, name) {
  return (spoken() === "ko" ? row?.name_ko : row?.name_en) || row?.name_en || row?.name_ko || name;
}

const product = (name) => (products || []).find((one) => one.product === name);
const productName = (name) => called(product(name), name);

function defectName(of, name) {
  if (!name) return "";
  return called(product(of)?.defects.find((one) => one.defect === name), name);
}

function fillChoices() {
  if (!products) return;
  fill($("product"), products.map((one) => [one.product, called(one, one.product)]));
  fillOfProduct();
  for (const one of document.querySelectorAll("#ask button, #register button")) one.dataset.empty = String(!products.length);
  const of = found && product(found.product);
  fill($("really"), findings(of), $("really").value || found?.defect || "");
}

function fillOfProduct() {
  const one = chosen();
  const views = one ? [...new Set(["main", ...one.views])] : [];
  fill($("view"), views.map((view) => [view, labelled(view, "KINDS")]));
  fill($("shows"), findings(one));
}

// Returns the choices of a finding; the empty value means normal.
function findings(of) {
  if (!of) return [];
  return [["", texts().normalName], ...of.defects.map((one) => [one.defect, called(one, one.defect)])];
}

function drawLists() {
  drawList($("queue"), queue, texts().labelColumns, texts().nothingToLabel, (row) => [
    opener(row.analysis_id), productName(row.product), texts().reasons[row.reason], texts().verdicts[row.verdict],
    defectName(row.product, row.defect), said(row),
  ]);
  drawList($("counts"), counts, texts().countColumns, texts().noCounts, (row) => [
    value("day", row.day), productName(row.product), texts().verdicts[row.finding] || defectName(row.product, row.finding),
    row.pictures, row.with_feedback, row.agreed,
  ]);
  drawList($("recent"), recent, texts().analysisColumns, texts().noCounts, (row) => [
    opener(row.analysis_id), moment(row.created_at), productName(row.product), texts().verdicts[row.verdict],
    defectName(row.product, row.defect), said(row),
  ]);
}

function drawList(where, rows, columns, none, cells) {
  if (rows) where.replaceChildren(...listed(rows, none, () => [table(columns, rows.map(cells))]));
}

function said(row) {
  if (!row.said) return "";
  return row.said === "normal" ? texts().normalName : defectName(row.product, row.said_defect);
}

// Creates a link to an analysis, by its picture.
const opener = (id) =>
  link(`/defects#a=${id}`, "opener", picture(imageOf(id, "picture"), texts().analysisN(id)), element("span", "", `#${id}`));

function draw() {
  fillChoices();
  drawFound(found, layer, defectName);
  drawLists();
  $("say").hidden = !writer;
  $("registering").hidden = !writer;
  $("ask").hidden = !writer;
  $("reader-only").hidden = writer;
  titled(found && texts().analysisN(found.analysis_id), found && texts().verdicts[found.verdict], texts().defects);
  rest();
}

const place = () => ({
  a: found?.analysis_id, layer: found && layer !== "overlay" ? layer : "",
  product: $("product").value, view: $("view").value === "main" ? "" : $("view").value,
});

// Loads a stored analysis.
async function kept(id) {
  const mine = ++asked;
  const one = await call(`/defects/analyses/${encodeURIComponent(id)}`);
  if (mine !== asked) return;
  found = { ...one, images: one.score === null ? ["picture"] : LAYERS };
  $("said").textContent = "";
  say("");
  draw();
  $("really").value = found.said_defect || (found.said ? "" : found.defect) || "";
}

// Shows the state in the address.
async function restore(values) {
  if (values.product && product(values.product)) $("product").value = values.product;
  fillOfProduct();
  if (values.view) $("view").value = values.view;
  layer = LAYERS.includes(values.layer) ? values.layer : "overlay";
  try {
    if (values.a && String(found?.analysis_id) !== values.a) {
      await kept(values.a);
      if (!history.state?.scroll) $("result").scrollIntoView({ block: "start" });
    } else if (!values.a) {
      asked += 1;
      found = null;
      say("");
    }
  } catch (error) {
    found = null;
    showFailure(error, { again: () => restore(values) });
  }
  draw();
  address.arrived();
}

async function look() {
  [products, queue, { counts }, recent] = await Promise.all([
    call("/defects/products"), call("/defects/to-label"), call("/defects/statistics"), call("/defects/analyses?limit=10"),
  ]);
  draw();
}

const load = () => loaded($("message"), async () => {
  say(texts().loading, "", "busy");
  writer = await may("writer");
  await look();
  if (products.length === 0) return say(texts().noProducts, texts().noProductsHint, "large");
  say("");
  await restore(address.read());
}, [$("queue"), $("counts"), $("recent")]);

function form(file, request) {
  const made = new FormData();
  made.append("picture", file);
  made.append("request", JSON.stringify(request));
  return made;
}

// Runs a write of a form; an error is shown at `where`.
function acting(event, act, where = $("message")) {
  event.preventDefault();
  return writing(reporting(act, { where }));
}

const word = (defect) => ({ label: defect ? "defect" : "normal", ...(defect && { defect }) });

const inspected = () => ({ product: $("product").value, view: $("view").value || "main" });

$("ask").addEventListener("submit", (event) => acting(event, async () => {
  const mine = ++asked;
  found = null;
  draw();
  say(texts().analyzing, "", "busy");
  const request = { ...inspected(), question: $("question").value, language: spoken() };
  const came = await call("/defects/analyze", form($("picture").files[0], request));
  if (mine !== asked) return look(); // another one was opened meanwhile; this one is first in the list
  found = came;
  layer = "overlay";
  $("said").textContent = "";
  say("");
  address.write(place());
  await look();
  $("really").value = found.verdict === "normal" ? "" : found.defect || "";
}));
$("layer").addEventListener("input", () => {
  layer = layersOf(found)[Number($("layer").value)];
  drawLayer(found, layer);
  address.write(place(), { replace: true });
});
$("say").addEventListener("submit", (event) => acting(event, async () => {
  await call(`/defects/analyses/${found.analysis_id}/feedback`, { ...word($("really").value), note: $("note").value });
  $("note").value = "";
  await look();
  $("said").textContent = texts().thanks;
}, $("said")));
$("learn").addEventListener("click", (event) => acting(event, async () => {
  await call(`/defects/analyses/${found.analysis_id}/register`, word($("really").value));
  await look();
  $("said").textContent = texts().learnt;
}, $("said")));
$("register").addEventListener("submit", (event) => acting(event, async () => {
  const piece = $("piece").value.trim();
  const request = { ...inspected(), ...word($("shows").value), ...(piece && { piece }) };
  const done = await call("/defects/specimens", form($("new-picture").files[0], request));
  $("register").reset();
  await look();
  $("registered").textContent = texts().registered(done.external_id);
}, $("registered")));
$("product").addEventListener("change", () => {
  fillOfProduct();
  rest();
  address.write(place(), { replace: true });
});
$("view").addEventListener("change", () => address.write(place(), { replace: true }));

open("defects", draw);
address.follow(restore);
writing(load); // nothing can be sent before the products are loaded
