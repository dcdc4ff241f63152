// Programs that run, tasks of the schedule with their last result, backups with their age.
import { $, element, listed, table } from "../common/dom.js";
import { moment, number, texts } from "../common/language.js";
import { translated } from "../common/message.js";
import { counted } from "../common/progress.js";
import { call } from "../common/server.js";
import { called } from "../common/values.js";
import { rest } from "../common/writing.js";
import { words } from "../texts/admin.js";
import { changer, timeCells } from "./times.js";
import { write } from "./writes.js";

const DAY_MS = 86_400_000;
const OLD_DAYS = 2; // a backup older than this is pointed out
let tasks = null;
let backups = null;
let proofs = [];
let admin = false;

// Shows how many programs run; the command where none does. queues: of /queues.
export function drawPrograms(queues) {
  const t = words();
  const jobs = queues.find((one) => one.server === "scheduler");
  const work = queues.find((one) => one.server === "worker");
  const none = (text, command) => element("div", "notice", element("strong", "", text), " ", t.startIt, " ", element("code", "", command));
  const shown = [
    jobs.served ? element("p", "soft", t.schedulers(number(jobs.served))) : none(t.noScheduler, "seogo schedule run --forever"),
    !work || work.served ? element("p", "soft", work ? t.workers(number(work.served)) : "") : none(t.noWorker, "seogo worker"),
  ];
  $("programs").replaceChildren(...shown);
}

export async function loadSchedule(rights) {
  admin = rights;
  tasks = await call("/schedule");
  drawSchedule();
}

export function drawSchedule() {
  if (!tasks) return;
  const t = words();
  const drawn = tasks.map(({ task, last, ...time }) => [
    called(task, "KINDS"), ...timeCells(time), last ? texts().states[last.state] || last.state : t.neverRan, last ? moment(last.started_at) : "",
    translated(last?.error || ""), admin ? element("div", "row wrapped", run(task), changer({ task, ...time }, () => loadSchedule(admin))) : "",
  ]);
  $("schedule").replaceChildren(table(t.taskColumns, drawn));
  rest();
}

const run = (task, name = texts().runNow, told = "schedule-told") => write(name, async () => {
  const { job_id: id } = await call("/jobs", { task });
  $(told).textContent = words().queued(id);
});

export async function loadBackups(rights) {
  admin = rights;
  [backups, proofs] = await Promise.all([call("/runs?kind=backup&limit=5"), call("/runs?kind=verify_backup&limit=1")]);
  drawBackups();
}

export function drawBackups() {
  if (!backups) return;
  const t = words();
  const last = backups.find((one) => one.state === "done");
  const days = last ? Math.floor((Date.now() - new Date(last.finished_at)) / DAY_MS) : null;
  const age = last ? t.lastBackup(days, moment(last.finished_at)) : t.noBackup;
  const drawn = backups.map((one) => [moment(one.started_at), texts().states[one.state] || one.state, counted(one.counts), translated(one.error || "")]);
  const [proof] = proofs;
  $("backups").replaceChildren(
    element("p", days === null || days >= OLD_DAYS ? "notice" : "", age),
    element("p", "soft", proof ? t.lastProof(texts().states[proof.state] || proof.state, moment(proof.finished_at || proof.started_at)) : t.noProof),
    ...listed(drawn, "", () => (drawn.length ? [table(t.backupColumns, drawn)] : [])),
    ...(admin ? [element("div", "row wrapped", run("backup", t.backUp, "backups-told"), write(t.proveIt, async () => {
      const { job_id: id } = await call("/backups/latest/proof", {}, "POST");
      $("backups-told").textContent = words().queued(id);
    }))] : []),
    element("p", "soft", t.backupHint, " ", element("code", "", "seogo backup list")));
  rest();
}
