// Page of batches: uploads of many pictures, their progress and verdicts.
import * as address from "../common/address.js";
import { $, button, element, link, listed, table } from "../common/dom.js";
import { open, titled } from "../common/head.js";
import { moment, number, texts } from "../common/language.js";
import { loaded, reporting, say } from "../common/message.js";
import { followed } from "../common/progress.js";
import { call, may } from "../common/server.js";
import { rest, writing } from "../common/writing.js";
import { intake } from "../defects/intake.js";
import * as names from "../defects/names.js";
import { told } from "../texts/defects.js";
import { FILTERS, drawRows, kindOf } from "./rows.js";

const KIND = "defect_batch";
const LOOK_MS = 3000;
const MANY = 300; // rows that are loaded anew each time
const IDLE_MS = 15_000; // without a picture more, a worker is hardly running
let writer = false;
let runs = null;
let run = null; // the batch on the page
let rows = [];
let reasons = new Map(); // of refusals, by place
let only = "all";
let shown = 0;
let looks = 0; // at the clock, whether or not rows were loaded
let moved = { waiting: -1, at: 0 }; // when the number of waiting pictures last changed

function draw() {
  names.fillProducts($("product"), $("view"), { any: true });
  $("send").hidden = !writer;
  $("reader-only").hidden = writer || !runs;
  $("batch").hidden = !run;
  titled(run && told().batchN(run.run_id), told().batches);
  if (runs) $("batches").replaceChildren(...listed(runs, told().noBatches, () => [table(told().batchColumns, runs.map(batchRow))]));
  if (run) drawBatch();
  rest();
}

function batchRow(one) {
  const n = (name) => one.counts[name] || 0;
  return [link(`/batches#run=${one.run_id}`, "", `#${one.run_id}`), moment(one.started_at), asked(one), texts().states[one.state] || one.state,
    one.args.total ?? "", n("defect"), n("normal"), n("refused")];
}

const asked = (one) => (one.args.product ? names.productName(one.args.product) : told().anyProduct);

function drawBatch() {
  $("csv").href = `/defects/batch/${run.run_id}/table`;
  $("csv").download = `batch-${run.run_id}.csv`;
  $("report").href = `/defects/batch/${run.run_id}/report`;
  const counts = Object.fromEntries(FILTERS.map((name) => [name, 0]));
  for (const row of rows) counts[kindOf(row)] += 1;
  counts.all = rows.length;
  $("done").max = rows.length || 1;
  $("done").value = rows.length - counts.waiting;
  $("done-n").value = told().doneOf(number(rows.length - counts.waiting), number(rows.length));
  if (moved.waiting !== counts.waiting) moved = { waiting: counts.waiting, at: Date.now() };
  $("idle").hidden = !counts.waiting || run.state !== "running" || Date.now() - moved.at < IDLE_MS;
  const offered = FILTERS.filter((name) => counts[name] || name === only || ["all", "defect"].includes(name));
  $("filters").replaceChildren(...offered.map((name) => Object.assign(
    button("chip choice", () => filter(name), told().filters[name], element("span", "n", number(counts[name]))),
    { ariaPressed: String(only === name) })));
  const fitting = rows.filter((row) => only === "all" || kindOf(row) === only);
  shown = drawRows($("rows"), fitting, reasons, shown);
  $("more").hidden = shown >= fitting.length;
}

function filter(name) {
  only = name;
  shown = 0;
  address.write(place());
  drawBatch();
}

const place = () => ({ run: run?.run_id, only: only === "all" ? "" : only });

// Shows a batch and follows it to its end.
async function show(id) {
  [run, rows] = [await call(`/runs/${encodeURIComponent(id)}`), []];
  await look();
  $("progress").replaceChildren(followed(run, () => look()));
}

// Loads what is known of the batch on the page.
async function look() {
  const id = run.run_id;
  const [now, found, refused] = await Promise.all([
    call(`/runs/${id}`), call(`/defects/batch/${id}`), call(`/runs/${id}/errors?limit=1000`)]);
  if (run?.run_id !== id) return; // another one was opened meanwhile
  [run, rows] = [now, found];
  reasons = new Map(refused.map((one) => [one.place, one.reason]));
  draw();
}

async function restore(values) {
  only = FILTERS.includes(values.only) ? values.only : "all";
  shown = 0;
  if (!values.run) run = null;
  else if (String(run?.run_id) !== values.run) await show(values.run);
  draw();
  address.arrived();
}

const load = () => loaded($("batches"), async () => {
  writer = await may("writer");
  [, runs] = await Promise.all([names.loadProducts(), call(`/runs?kind=${KIND}&limit=20`)]);
  draw();
  await restore(address.read());
});

function form(files) {
  const made = new FormData();
  for (const file of files) made.append("pictures", file);
  made.append("request", JSON.stringify(names.choice($("product"), $("view"))));
  return made;
}

const send = (files) => writing(reporting(async () => {
  say(told().uploading(files.length), "", "busy");
  const queued = await call("/defects/batch", form(files));
  $("pictures").value = "";
  say(told().queued(queued.pictures), told().manyHint);
  only = "all";
  await show(queued.run_id);
  address.write(place());
  runs = await call(`/runs?kind=${KIND}&limit=20`);
  draw();
}));

$("send").addEventListener("submit", (event) => {
  event.preventDefault();
  send([...$("pictures").files]);
});
$("product").addEventListener("change", () => names.fillViews($("product"), $("view"), { any: true }));
$("more").addEventListener("click", () => {
  shown += 1;
  drawBatch();
});
intake((files) => send([...files]), () => writer && Boolean(runs));
open("batches", draw, told);
address.follow((values) => reporting(() => restore(values))());
writing(load);
// Rows come while the run goes on, of large batches more rarely; its bar is kept up to date by the server's events.
setInterval(() => {
  looks += 1;
  if (run?.state === "running" && !document.hidden && looks % Math.ceil((rows.length + 1) / MANY) === 0) look().catch(() => {});
}, LOOK_MS);
