import { $, button, call, element, moment, open, showFailure, table, texts } from "./common.js";
import { followed } from "./progress.js";

const TASKS = ["embed_stale", "merge_postings", "measure_recall", "nightly_evaluation"];
let jobs = [];
let runs = [];
let more = true;

function jobRow(job) {
  const waits = job.state === "todo" || job.state === "doing";
  const stop = waits && !job.abort_requested
    ? button(texts().cancel, "small", () => act(() => call(`/jobs/${job.job_id}/cancel`, undefined, "POST")))
    : "";
  return [job.job_id, texts().tasks[job.task] || job.task, texts().states[job.state] || job.state,
    moment(job.started_at || job.queued_at || job.scheduled_at), moment(job.finished_at), job.error || "", stop];
}

function runBox(run) {
  const box = followed(run, load);
  if (!run.errors) return box;
  const shown = element("details");
  shown.append(element("summary", "", texts().refusedRecords));
  shown.addEventListener("toggle", async () => {
    if (!shown.open || shown.childElementCount > 1) return;
    const rows = await call(`/runs/${run.run_id}/errors?limit=100`);
    shown.append(table(texts().refusalColumns, rows.map((row) => [row.place, row.external_id || "", row.reason])));
  });
  const both = element("div");
  both.append(box, shown);
  return both;
}

function draw() {
  $("task").replaceChildren(...TASKS.map((name) => new Option(texts().tasks[name], name)));
  $("jobs").replaceChildren(jobs.length ? table(texts().jobColumns, jobs.map(jobRow)) : element("p", "soft", texts().noJobs));
  $("runs").replaceChildren(...(runs.length ? runs.map(runBox) : [element("p", "soft", texts().noRuns)]));
  $("older").hidden = !more || runs.length === 0;
}

async function act(work) {
  try {
    await work();
    $("message").replaceChildren();
    await load();
  } catch (error) {
    showFailure(error);
  }
}

async function load() {
  try {
    [jobs, runs] = await Promise.all([call("/jobs?limit=20"), call("/runs?limit=20")]);
    more = runs.length === 20;
    draw();
  } catch (error) {
    showFailure(error);
  }
}

$("queue").addEventListener("submit", (event) => {
  event.preventDefault();
  act(() => call("/jobs", { task: $("task").value }));
});
$("older").addEventListener("click", async () => {
  try {
    const next = await call(`/runs?limit=20&before=${runs.at(-1).run_id}`);
    more = next.length === 20;
    runs = [...runs, ...next];
    draw();
  } catch (error) {
    showFailure(error);
  }
});
open("activity", draw);
load();
