// Searches over time, what was asked most, the disk, drift of vectors; evaluations with their intervals.
import { $, element, fill, table } from "../common/dom.js";
import { moment, number, spoken } from "../common/language.js";
import { axis, colour, drawnAs, plotted } from "../common/plot.js";
import { words } from "../texts/dashboard.js";

const RANGES = { day: { hours: 24, steps: 24 }, week: { hours: 168, steps: 28 }, month: { hours: 720, steps: 30 } };
const PERCENTILES = [["p50_ms", "--brand"], ["p95_ms", "--accent"], ["p99_ms", "--soft"]];
const UNITS = ["B", "kB", "MB", "GB", "TB"];

// The parameters of the chosen range; change() after another choice.
export function range(change) {
  const select = $("range");
  const drawn = () => fill(select, Object.keys(RANGES).map((name) => [name, words().ranges[name]]));
  if (!select.options.length) select.addEventListener("change", change);
  drawn();
  return new URLSearchParams(RANGES[select.value] || RANGES.day);
}

// Draws throughput and latency. rows: of /insight/searches, or null for who may not see them.
export function searches(rows) {
  const t = words();
  if (rows === null) return [element("p", "soft", t.forAdmins)];
  const all = rows.reduce((sum, row) => sum + row.searches, 0);
  if (all === 0) return [element("p", "soft", t.noSearches, " ", element("code", "", "SEOGO_QUERY_LOG=true"))];
  const count = (name) => number(rows.reduce((sum, row) => sum + row[name], 0));
  const at = rows.map((row) => new Date(row.begins).getTime() / 1000);
  const told = t.searchesTold(number(all), count("nothing"), count("weak"), count("degraded"));
  const busy = rows.filter((row) => row.searches);
  const drawn = busy.map((row) => [moment(row.begins), row.searches, ...PERCENTILES.map(([name]) => number(row[name], 1)), row.nothing, row.weak, row.degraded]);
  return [
    element("p", "", told),
    figure(t.throughput, plotted(bars(t.searches), [at, rows.map((row) => row.searches)], `${t.throughput}: ${told}`)),
    figure(t.latency, plotted(lines(), [at, ...PERCENTILES.map(([name]) => rows.map((row) => row[name]))], `${t.latency}: ${latest(busy.at(-1))}`)),
    element("details", "", element("summary", "", t.asTable), table(t.searchColumns, drawn)),
  ];
}

const latest = (row) => PERCENTILES.map(([name]) => `${name.slice(0, 3)} ${number(row[name], 1)} ms`).join(", ");
const figure = (caption, plot) => element("figure", "", element("figcaption", "", caption), plot);
const hour = (seconds) => new Date(seconds * 1000).toLocaleString(spoken(), { month: "numeric", day: "numeric", hour: "2-digit" });
const times = { ...axis, values: (_, places) => places.map(hour), space: 140 };
const when = { value: (_, at) => (at === null ? "–" : hour(at)) };

function bars(label) {
  return {
    scales: { y: { range: (_, low, high) => [0, Math.max(high, 1)] } },
    axes: [times, { ...axis, values: (_, places) => places.map((place) => number(place)) }],
    series: [{ ...when, label: words().at }, { label, stroke: colour("--brand"), fill: colour("--chip"), width: 2, paths: drawnAs("stepped", { align: 1 }), points: { show: false } }],
  };
}

function lines() {
  return {
    scales: { y: { range: (_, low, high) => [0, Math.max(high, 1)] } },
    axes: [times, { ...axis, values: (_, places) => places.map((place) => `${number(place)} ms`), size: 62 }],
    series: [{ ...when, label: words().at }, ...PERCENTILES.map(([name, hue]) => (
      { label: name.slice(0, 3), stroke: colour(hue), width: 2, spanGaps: false, points: { size: 5 }, value: (_, ms) => (ms === null ? "–" : `${number(ms, 1)} ms`) }))],
  };
}

export const topQueries = (rows) => table(words().topColumns, rows.map((row) =>
  [row.query, row.collection, row.asked, row.nothing, row.weak, `${number(row.p50_ms, 1)} ms`, moment(row.last_asked_at)]));

export function disk(rows) {
  const whole = rows.find((row) => row.part === "database");
  const parts = rows.filter((row) => row.part !== "database");
  const drawn = parts.map((row) => [words().parts[row.part] || row.part, size(row.bytes), `${number((100 * row.bytes) / whole.bytes)} %`]);
  return [element("p", "", words().whole(size(whole.bytes))), table(words().diskColumns, drawn)];
}

function size(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${number(bytes / 1000 ** power, power ? 1 : 0)} ${UNITS[power]}`;
}

export const drift = (rows) => table(words().driftColumns, rows.map((row) => [
  `${row.space}@${row.generation}`, row.previous_generation ? `@${row.previous_generation}` : "", words().measures[row.measure] || row.measure,
  number(row.quantiles[3], 3), row.previous.length ? number(row.previous[3], 3) : "", row.ks === null ? "" : number(row.ks, 3), moment(row.measured_at)]));
