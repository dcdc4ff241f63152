// Page of statistics: what was inspected, by day, product and finding; scores and their drift.
import * as address from "../common/address.js";
import { $, element, fill, link, listed, table } from "../common/dom.js";
import { open, titled } from "../common/head.js";
import { moment, number, texts } from "../common/language.js";
import { loaded, reporting, say } from "../common/message.js";
import { onScheme } from "../common/plot.js";
import { call } from "../common/server.js";
import * as names from "../defects/names.js";
import { told } from "../texts/defects.js";
import { dayBars, dayLines, daysBetween, nameBars } from "./charts.js";

const PERIODS = [7, 30, 90, 365];
const USUAL = 30;
const PLOTS = 8; // of scores, the busiest first
let found = null; // what the server counted
let history = []; // measurements of drift, the latest first
let asked = 0; // only the latest request may write to the page

const chosen = () => ({ product: $("product").value, days: Number($("days").value) || USUAL });
const sum = (rows, name) => rows.reduce((n, row) => n + row[name], 0);
const groups = (rows, key) => Map.groupBy(rows, key);
const bankName = (row) => `${names.productName(row.product)} · ${names.viewName(row.view)}`;

function choices() {
  fill($("product"), [["", told().allProducts], ...names.known().map((one) => [one.product, names.productName(one.product)])]);
  fill($("days"), PERIODS.map((n) => [String(n), told().lastDays(n)]), $("days").value || String(USUAL));
}

function draw() {
  choices();
  titled(told().statistics);
  $("counts").hidden = !found;
  if (!found) return;
  const { days, counts, drift } = found;
  $("sum").textContent = summary(days);
  const span = days.length ? daysBetween(days.at(-1).day, days[0].day) : [];
  const byDay = new Map([...groups(days, (row) => row.day)].map(([day, rows]) => [day, { pictures: sum(rows, "pictures"), defective: sum(rows, "defective") }]));
  $("by-day").replaceChildren(...listed(span, told().noneCounted, () => dayBars(span, byDay)));
  $("by-product").replaceChildren(...listed(days, told().noneCounted, () => nameBars([...groups(days, (row) => row.product)].map(
    ([name, rows]) => [only(name), sum(rows, "pictures"), sum(rows, "defective")]))));
  $("by-type").replaceChildren(...listed(counts, told().noneCounted, () => nameBars([...groups(counts, findingName)].map(
    ([name, rows]) => [name, sum(rows, "pictures"), rows[0].finding === "normal" ? 0 : sum(rows, "pictures")]))));
  const judged = days.filter((row) => row.median !== null);
  $("levels").replaceChildren(...listed(judged, told().noneCounted, () => levels(judged, span)));
  drawDrift(drift);
}

// Creates a link to the statistics of one product.
const only = (name) => link(`/statistics#${new URLSearchParams({ product: name, ...(chosen().days !== USUAL && { days: chosen().days }) })}`, "", names.productName(name));

function summary(days) {
  const [pictures, defective] = [sum(days, "pictures"), sum(days, "defective")];
  const parts = [told().total(number(pictures)), told().defective(number(defective), number(pictures && (100 * defective) / pictures, 1))];
  for (const name of ["confirmed", "refuted", "missed"]) if (sum(days, name)) parts.push(told()[name](number(sum(days, name))));
  if (sum(days, "guessed")) parts.push(told().guessedN(number(sum(days, "guessed"))));
  return parts.join(" · ");
}

function findingName(row) {
  return ["normal", "unknown"].includes(row.finding) ? texts().verdicts[row.finding] : names.defectName(row.product, row.finding);
}

// Draws median and highest scores of each view; of two banks of a day those of the one that judged more.
function levels(judged, span) {
  const busiest = [...groups(judged, bankName)].sort(([, a], [, b]) => sum(b, "pictures") - sum(a, "pictures")).slice(0, PLOTS);
  return busiest.map(([title, rows]) => {
    const ordered = [...rows].sort((a, b) => a.judged - b.judged);
    const of = (name) => new Map(ordered.map((row) => [row.day, row[name]]));
    return dayLines(title, span, [[told().median, "--brand", of("median")], [told().p95, "--accent", of("p95")]], [told().threshold(1), 1]);
  });
}

function drawDrift(drift) {
  const alarms = drift.filter((row) => row.alarm);
  $("alarms").replaceChildren(...alarms.map((row) => Object.assign(element("div", "alarm",
    element("strong", "", told().alarm(names.productName(row.product), names.viewName(row.view))),
    element("div", "", `${told().measures[row.measure] || row.measure}: ${told().measured(number(row.value, 2), number(row.reference, 2), number(row.n))}`),
    element("div", "soft", told().alarmHint)), { role: "alert" })));
  $("drift").replaceChildren(...listed(drift, told().noDrift, () => [...driftLines(), table(told().driftColumns, drift.map((row) => [
    names.productName(row.product), names.viewName(row.view), `v${row.bank_version}`, told().measures[row.measure] || row.measure,
    number(row.value, 3), number(row.reference, 3), number(row.z, 1), row.n,
    element("span", `state ${row.alarm ? "failed" : ""}`, row.alarm ? told().alarmed : told().calm), moment(row.measured_at)]))]));
}

// Draws the measurements that have 0.5 for no drift, over time.
function driftLines() {
  const dayOf = (row) => row.measured_at.slice(0, 10);
  const rows = history.filter((row) => row.measure !== "share");
  if (new Set(rows.map(dayOf)).size < 2) return [];
  const span = daysBetween(dayOf(rows.at(-1)), dayOf(rows[0]));
  return [...groups(rows, bankName)].slice(0, PLOTS).map(([title, of]) => {
    const line = (measure) => new Map(of.filter((row) => row.measure === measure).reverse().map((row) => [dayOf(row), row.value]));
    return dayLines(title, span, [[told().measures.calibration, "--brand", line("calibration")], [told().measures.before, "--accent", line("before")]], [told().calm, 0.5]);
  });
}

async function look() {
  const mine = ++asked;
  const query = new URLSearchParams(Object.entries(chosen()).filter(([, value]) => value));
  const [counted, measured] = await Promise.all([call(`/defects/statistics?${query}`), call(`/defects/drift?${query}`)]);
  if (mine !== asked) return;
  [found, history] = [counted, measured];
  say("");
  draw();
  address.arrived();
}

async function enter(values) {
  $("product").value = names.product(values.product) ? values.product : "";
  $("days").value = PERIODS.includes(Number(values.days)) ? values.days : String(USUAL);
  await look();
}

const load = () => loaded($("message"), async () => {
  say(texts().loading, "", "busy");
  await names.loadProducts();
  choices();
  await enter(address.read());
});

for (const name of ["product", "days"]) {
  $(name).addEventListener("change", reporting(async () => {
    const { product, days } = chosen();
    address.write({ product, days: days === USUAL ? "" : days });
    await look();
  }));
}
open("statistics", draw, told);
address.follow((values) => reporting(() => enter(values))());
onScheme(draw);
load();
