// Evaluation: measures of a run, what lost its queries, its legs beside each other, decisions and their grids.
import * as address from "../common/address.js";
import { $, button, element, fill, listed, table } from "../common/dom.js";
import { open } from "../common/head.js";
import { moment } from "../common/language.js";
import { loaded, reporting, say } from "../common/message.js";
import { call } from "../common/server.js";
import { columns, said, verdict } from "../texts/evaluation.js";
import { drawn } from "./grid.js";
import { compared } from "./legs.js";

const ERRORS = 100;
const PARTS = ["measures", "blame", "legs", "errors"];
let sets = [];
let runs = [];
let decisions = [];
let shown = null; // the chosen run with all that is known of it
let grid = null; // the decision whose grid is open, and its cells

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const rows = (found, name, make) => listed(found, said("none"), () => [table(columns(name), found.map(make))]);
const ranks = (legs) => Object.entries(legs || {}).map(([leg, rank]) => `${leg} ${rank ?? said("unlisted")}`).join(", ");

function draw() {
  document.querySelectorAll("[data-said]").forEach((e) => { e.textContent = said(e.dataset.said); });
  fill($("run"), runs.map((run) => [String(run.run_id), [`#${run.run_id}`, run.query_set, run.collection, run.label, moment(run.started_at)].filter(Boolean).join(" · ")]));
  if (!runs.length) say(said("noRuns"));
  if (shown) drawRun(shown);
  $("decisions").replaceChildren(...rows(decisions, "decisions", decided));
  $("grid").replaceChildren(...(grid ? [drawn(grid.cells, grid.caption)] : []));
}

function drawRun({ measured, legs, errors }) {
  $("measures").replaceChildren(...rows(measured.metrics, "measures", (row) => [row.measure, row.category ?? "", row.queries, row.value.toFixed(4)]));
  $("blame").replaceChildren(...rows(measured.blame, "blame", (row) => [verdict(row.verdict), row.pairs, row.queries, percent(row.share)]));
  $("legs").replaceChildren(...compared(legs));
  const left = errors.length && errors[0].total > errors.length ? [element("p", "soft", `${said("moreErrors")}: ${errors[0].total}`)] : [];
  $("errors").replaceChildren(...rows(errors, "errors", (row) => [row.query, row.question, verdict(row.verdict), row.external_id, row.rank ?? "", ranks(row.legs)]), ...left);
}

function decided(row) {
  const show = row.figures.grid ? button("small", reporting(() => openGrid(row)), said("showGrid")) : "";
  return [row.decision_id, row.collection, row.kind, `${row.measure} (${row.source})`, said(row.in_use ? "inUse" : "before"), row.reason, show];
}

async function openGrid(row) {
  grid = { cells: await call(`/evaluation/decisions/${row.decision_id}/grid`), caption: `#${row.decision_id} · ${row.collection} · ${row.measure}` };
  draw();
  $("grid").scrollIntoView({ block: "nearest" });
}

// Loads all of a run, by the judgments that are chosen or the first there are.
async function choose() {
  const run = runs.find((one) => String(one.run_id) === $("run").value);
  shown = null;
  PARTS.forEach((name) => $(name).replaceChildren());
  say("");
  if (!run) return;
  const sources = sets.filter((row) => row.query_set === run.query_set && row.source).map((row) => row.source);
  fill($("source"), sources.map((name) => [name, name]));
  if (!sources.length) return say(said("noJudgments"));
  const query = new URLSearchParams({ source: $("source").value });
  const of = `/evaluation/runs/${run.run_id}`;
  const [measured, legs, errors] = await Promise.all([call(`${of}?${query}`), call(`${of}/legs?${query}`), call(`${of}/errors?limit=${ERRORS}&${query}`)]);
  shown = { measured, legs, errors };
  address.write({ run: run.run_id, source: $("source").value }, { replace: true });
  draw();
}

const load = () => loaded($("measures"), async () => {
  [sets, runs, decisions] = await Promise.all([call("/evaluation/sets"), call("/evaluation/runs?limit=200"), call("/evaluation/decisions")]);
  draw();
  const wanted = address.read();
  if (runs.some((run) => String(run.run_id) === wanted.run)) $("run").value = wanted.run;
  await choose();
});

$("choose").addEventListener("submit", (event) => event.preventDefault());
$("run").addEventListener("change", reporting(choose));
$("source").addEventListener("change", reporting(choose));
open("evaluation", draw);
load();
