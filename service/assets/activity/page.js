// Scheduled jobs and runs: their state, progress and result.
import * as address from "../common/address.js";
import { $, button, element, fill, listed, table } from "../common/dom.js";
import { open } from "../common/head.js";
import { moment, texts } from "../common/language.js";
import { loaded, reporting, say, translated } from "../common/message.js";
import { followed } from "../common/progress.js";
import { unserved } from "../common/queues.js";
import { call, may } from "../common/server.js";
import { called } from "../common/values.js";
import { rest, writing } from "../common/writing.js";

const TASKS = ["embed_stale", "merge_postings", "measure_recall", "nightly_evaluation", "calibrate_spaces", "judge_quality"];
const PAGE = 20;
const LOOK_MS = 3000;
let jobs = null; // null: not loaded
let runs = null;
let queues = [];
let admin = false;
let more = true;
const boxes = new Map(); // by run: its box with its state; a box that is updated live is not drawn again

function jobRow(job) {
  const waits = job.state === "todo" || job.state === "doing";
  const stop = waits && !job.abort_requested && admin
    ? button("small", () => act(() => call(`/jobs/${job.job_id}/cancel`, undefined, "POST")), texts().cancel)
    : "";
  if (stop) stop.dataset.writes = "";
  return [job.job_id, called(job.task, "KINDS"), texts().states[job.state] || job.state,
    moment(job.started_at || job.queued_at || job.scheduled_at), moment(job.finished_at), translated(job.error || ""), stop];
}

function runBox(run) {
  const known = boxes.get(run.run_id);
  const about = `${document.documentElement.lang} ${run.state} ${run.errors}`;
  if (known?.about === about) return known.box;
  const box = element("div", "", followed(run, look), run.errors ? refusals(run) : "");
  boxes.set(run.run_id, { about, box });
  return box;
}

// Creates a box of the run's refused records, loaded when it is opened.
function refusals(run) {
  const rows = element("div");
  const shown = element("details", "", element("summary", "", texts().refusedRecords), rows);
  shown.addEventListener("toggle", () => {
    if (!shown.open || rows.childElementCount) return;
    loaded(rows, async () => {
      const found = await call(`/runs/${run.run_id}/errors?limit=100`);
      rows.replaceChildren(table(texts().refusalColumns, found.map((row) => [row.place, row.external_id || "", row.reason])));
    });
  });
  return shown;
}

function draw() {
  fill($("task"), TASKS.map((name) => [name, called(name, "KINDS")]));
  $("queue").hidden = !admin;
  $("not-admin").hidden = admin || !jobs;
  if (jobs) $("jobs").replaceChildren(...listed(jobs, texts().noJobs, () => [table(texts().jobColumns, jobs.map(jobRow))]));
  if (runs) $("runs").replaceChildren(...listed(runs, texts().noRuns, () => runs.map(runBox)));
  $("unserved").replaceChildren(...unserved(queues.filter((one) => one.server === "scheduler" || one.stuck.length)));
  $("older").hidden = !more || !runs?.length;
  rest();
}

const act = (work) => writing(reporting(async () => {
  await work();
  say("");
  await look();
}));

// Loads the latest jobs and runs; older runs on the page stay.
async function look() {
  const [jobsNow, latest, queuesNow] = await Promise.all([call("/jobs?limit=20"), call(`/runs?limit=${PAGE}`), call("/queues")]);
  const last = latest.at(-1)?.run_id ?? 0;
  const kept = runs ? runs.filter((run) => run.run_id < last) : [];
  if (!runs) more = latest.length === PAGE;
  [jobs, queues, runs] = [jobsNow, queuesNow, [...latest, ...kept]];
  draw();
}

async function older() {
  const next = await call(`/runs?limit=${PAGE}&before=${runs.at(-1).run_id}`);
  more = next.length === PAGE;
  runs = [...runs, ...next];
  draw();
}

async function start() {
  admin = await may("admin");
  await look();
  const wanted = Number(address.read().n) || PAGE;
  while (more && runs.length < wanted) await older();
  address.arrived();
}

const load = () => loaded($("jobs"), start, [$("runs")]);

// Refreshes the page. After an error it keeps what it shows, and the next refresh tries again.
async function watch() {
  if (document.hidden || !runs) return;
  await look().catch(() => {});
}

$("queue").addEventListener("submit", (event) => {
  event.preventDefault();
  act(() => call("/jobs", { task: $("task").value }));
});
$("older").addEventListener("click", reporting(async () => {
  await older();
  address.write({ n: runs.length }, { replace: true });
}));
open("activity", draw);
address.follow(() => address.arrived());
writing(load);
setInterval(watch, LOOK_MS);
