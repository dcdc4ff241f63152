// When tasks of the schedule are due: cron expressions, which are in UTC, in words and local time, and the form that sets them.
import { $, button, element, fill } from "../common/dom.js";
import { moment, spoken } from "../common/language.js";
import { call } from "../common/server.js";
import { called } from "../common/values.js";
import { words } from "../texts/admin.js";
import { acting } from "./writes.js";

const EVERY = /^\*\/(\d+) \* \* \* \*$/;
const HOURLY = /^(\d+) \* \* \* \*$/;
const DAILY = /^(\d+) (\d+) \* \* \*$/;
const KINDS = ["daily", "hourly", "every", "cron", "off", "settings"];
const OFF = "off";
let task = null; // the one that the form sets
let after = null; // draws the schedule anew

// Local hour and minute of one in UTC today.
const local = (hour, minute) => new Date(new Date().setUTCHours(hour, minute, 0, 0));

// Says in words when an expression is due.
export function timesTold(cron) {
  const t = words().times;
  if (cron === null) return t.unknown;
  if (cron === OFF) return t.off;
  const [every, hourly, daily] = [EVERY, HOURLY, DAILY].map((pattern) => cron.match(pattern));
  if (every) return t.every(Number(every[1]));
  if (hourly) return t.hourly(Number(hourly[1]));
  if (daily) return t.daily(local(daily[2], daily[1]).toLocaleTimeString(spoken(), { timeStyle: "short" }));
  return t.other;
}

// The cells of a task: its times with the expression, and when it is next.
export function timeCells({ cron, settings, set_by_person: byPerson, due_at: due }) {
  const t = words().times;
  const exact = cron && cron !== OFF ? element("code", "", `${cron} UTC`.replaceAll(" ", "\u00a0")) : "";
  const told = byPerson ? element("span", "soft", t.byPerson(settings ?? "")) : "";
  return [element("span", "wrapped", timesTold(cron), " ", exact, " ", told), moment(due)];
}

// The button that opens the form for a task; done() draws the schedule anew.
export function changer(row, done) {
  const opener = button("small", () => {
    [task, after] = [row.task, done];
    drawForm(row.cron ?? "");
    $("time").hidden = false;
    $("time-kind").focus();
  }, words().times.change);
  opener.dataset.writes = "";
  return opener;
}

function drawForm(cron) {
  const t = words().times;
  const kind = cron === OFF ? OFF : EVERY.test(cron) ? "every" : HOURLY.test(cron) ? "hourly" : DAILY.test(cron) ? "daily" : "cron";
  $("time-task").textContent = called(task, "KINDS");
  fill($("time-kind"), KINDS.map((one) => [one, t.kinds[one]]), kind);
  $("time-cron").value = cron === OFF ? "" : cron;
  $("time-minutes").value = cron.match(EVERY)?.[1] ?? cron.match(HOURLY)?.[1] ?? "0";
  const [, minute, hour] = cron.match(DAILY) ?? [null, 0, 17];
  $("time-day").value = local(hour, minute).toTimeString().slice(0, 5);
  show();
}

// Shows the field that belongs to the kind.
function show() {
  const kind = $("time-kind").value;
  for (const [field, kinds] of [["time-day", ["daily"]], ["time-minutes", ["every", "hourly"]], ["time-cron", ["cron"]]]) {
    const wanted = kinds.includes(kind);
    $(field).closest("label").hidden = !wanted;
    $(field).required = wanted;
  }
  $("time-minutes").min = kind === "every" ? 1 : 0;
}

function asked() {
  const minutes = Number($("time-minutes").value);
  const [hour, minute] = $("time-day").value.split(":").map(Number);
  const at = new Date(new Date().setHours(hour, minute, 0, 0));
  return {
    daily: `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`, hourly: `${minutes} * * * *`, every: `*/${minutes} * * * *`,
    cron: $("time-cron").value.trim(), off: OFF, settings: null,
  }[$("time-kind").value];
}

$("time-kind").addEventListener("change", show);
$("time-cancel").addEventListener("click", () => { $("time").hidden = true; });
$("time").addEventListener("submit", (event) => {
  event.preventDefault();
  acting(async () => {
    const set = await call(`/schedule/${encodeURIComponent(task)}`, { cron: asked() }, "PUT");
    $("time").hidden = true;
    $("schedule-told").textContent = words().times.saved(called(task, "KINDS"), timesTold(set.cron));
    await after();
  })();
});
