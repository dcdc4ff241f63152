// Page of one picture: inspected, its map, what is said of it; what is worth a look.
import * as address from "../common/address.js";
import { $, element, fill, listed, table } from "../common/dom.js";
import { open, titled } from "../common/head.js";
import { moment, spoken, texts } from "../common/language.js";
import { loaded, reporting, say, showFailure } from "../common/message.js";
import { call, may } from "../common/server.js";
import { rest, writing } from "../common/writing.js";
import { told } from "../texts/defects.js";
import { drawFound } from "./found.js";
import { intake } from "./intake.js";
import { strengthen, unzoom } from "./map.js";
import * as names from "./names.js";
import { drawNext, loadNext } from "./next.js";
import { opener } from "./opener.js";

const STRENGTH = 45; // of the heatmap in percent, before anybody moves the slider

let found = null; // the analysis on the page
let ready = false; // the products are loaded
let queue = null;
let recent = null;
let writer = true;
let asked = 0; // only the latest request may write to the page

function fillChoices() {
  names.fillProducts($("product"), $("view"), { any: true });
  for (const one of document.querySelectorAll("#ask button")) one.dataset.empty = String(!names.known().length);
  const of = found && names.product(found.product);
  fill($("really"), names.findings(of), $("really").value || found?.defect || "");
}

function drawLists() {
  drawList($("queue"), queue, texts().labelColumns, texts().nothingToLabel, (row) => [
    opener(row.analysis_id), names.productName(row.product), texts().reasons[row.reason], verdict(row),
    names.defectName(row.product, row.defect), names.said(row),
  ]);
  drawList($("recent"), recent, texts().analysisColumns, texts().noCounts, (row) => [
    opener(row.analysis_id), moment(row.created_at), names.productName(row.product), verdict(row),
    names.defectName(row.product, row.defect), names.said(row),
  ]);
}

function drawList(where, rows, columns, none, cells) {
  if (rows) where.replaceChildren(...listed(rows, none, () => [table(columns, rows.map(cells))]));
}

const verdict = (row) => element("span", `verdict ${row.verdict}`, texts().verdicts[row.verdict]);

function draw() {
  if (ready) fillChoices();
  drawFound(found);
  drawLists();
  drawNext();
  $("say").hidden = !writer;
  $("ask").hidden = !writer;
  $("reader-only").hidden = writer;
  titled(found && texts().analysisN(found.analysis_id), found && texts().verdicts[found.verdict], texts().defects);
  look();
  rest();
}

// Shows the map as strong as the slider says, with or without outlines.
function look() {
  strengthen($("opacity").value / 100);
  $("opacity").ariaValueText = `${$("opacity").value} %`;
  $("outline").classList.toggle("off", !$("outlines").checked);
}

const place = () => ({
  a: found?.analysis_id, heat: found && Number($("opacity").value) !== STRENGTH ? $("opacity").value : "",
  outlines: found && !$("outlines").checked ? "off" : "", product: $("product").value, view: $("view").value,
});

// Loads a stored analysis.
async function kept(id) {
  const mine = ++asked;
  const one = await call(`/defects/analyses/${encodeURIComponent(id)}`);
  if (mine !== asked) return;
  take(one);
  $("really").value = found.said_defect || (found.said ? "" : found.defect) || "";
}

function take(one) {
  found = one;
  $("said").textContent = "";
  say("");
  draw();
}

// Shows the state in the address.
async function restore(values) {
  if (values.product && names.product(values.product)) $("product").value = values.product;
  names.fillViews($("product"), $("view"), { any: true });
  if (values.view) $("view").value = values.view;
  $("opacity").value = values.heat || STRENGTH;
  $("outlines").checked = values.outlines !== "off";
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

async function refresh() {
  [, queue, recent] = await Promise.all([names.loadProducts(), call("/defects/to-label"), call("/defects/analyses?limit=10")]);
  await loadNext(found?.product || $("product").value);
  ready = true;
  draw();
}

const load = () => loaded($("message"), async () => {
  say(texts().loading, "", "busy");
  writer = await may("writer");
  await refresh();
  if (names.known().length === 0) return say(texts().noProducts, texts().noProductsHint, "large");
  say("");
  await restore(address.read());
}, [$("queue"), $("recent")]);

function form(file, request) {
  const made = new FormData();
  made.append("picture", file);
  made.append("request", JSON.stringify(request));
  return made;
}

// Runs a write of a form; an error is shown at `where`.
function acting(event, act, where = $("message")) {
  event?.preventDefault();
  return writing(reporting(act, { where }));
}

const word = (defect) => ({ label: defect ? "defect" : "normal", ...(defect && { defect }) });

async function inspect(file) {
  const mine = ++asked;
  found = null;
  draw();
  say(texts().analyzing, "", "busy");
  const request = { ...names.choice($("product"), $("view")), question: $("question").value, language: spoken() };
  const came = await call("/defects/analyze", form(file, request));
  if (mine !== asked) return refresh(); // another one was opened meanwhile; this one is first in the list
  take({ ...(await call(`/defects/analyses/${came.analysis_id}`)), ...came });
  address.write(place());
  await refresh();
  $("really").value = found.verdict === "normal" ? "" : found.defect || "";
  return $("result").scrollIntoView({ block: "start" });
}

$("ask").addEventListener("submit", (event) => acting(event, () => inspect($("picture").files[0])));
$("camera").addEventListener("click", () => $("shot").click());
$("shot").addEventListener("change", () => {
  const [file] = $("shot").files;
  if (file) acting(null, () => inspect(file));
  $("shot").value = "";
});
intake((files) => {
  if (files.length > 1) return say(told().onlyOne(files.length));
  return acting(null, () => inspect(files[0]));
}, () => writer && ready);
for (const [id, event] of [["opacity", "input"], ["outlines", "change"]]) {
  $(id).addEventListener(event, () => {
    look();
    address.write(place(), { replace: true });
  });
}
$("unzoom").addEventListener("click", () => unzoom(found));
$("say").addEventListener("submit", (event) => acting(event, async () => {
  await call(`/defects/analyses/${found.analysis_id}/feedback`, { ...word($("really").value), note: $("note").value });
  $("note").value = "";
  await refresh();
  $("said").textContent = texts().thanks;
}, $("said")));
$("learn").addEventListener("click", (event) => acting(event, async () => {
  await call(`/defects/analyses/${found.analysis_id}/register`, word($("really").value));
  await refresh();
  $("said").textContent = texts().learnt;
}, $("said")));
$("product").addEventListener("change", () => {
  names.fillViews($("product"), $("view"), { any: true });
  rest();
  address.write(place(), { replace: true });
});
$("view").addEventListener("change", () => address.write(place(), { replace: true }));

open("defects", draw, told);
address.follow(restore);
writing(load); // nothing can be sent before the products are loaded
