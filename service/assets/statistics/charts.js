// Charts of inspections: bars by day, bars by name, lines of scores and of drift.
import { element, table } from "../common/dom.js";
import { day, number, texts } from "../common/language.js";
import { axis, colour, drawnAs, plotted } from "../common/plot.js";
import { told } from "../texts/defects.js";

const DAY_MS = 86_400_000;
const dayName = (text) => day(...text.split("-").map(Number));

// Returns all days from the first to the last, as `YYYY-MM-DD`, those without pictures too.
export function daysBetween(first, last) {
  const days = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS) days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}

// Steps of an axis of counts: there is no half picture.
const WHOLE = [1, 2, 5].flatMap((one) => [1, 10, 100, 1e3, 1e4, 1e5, 1e6].map((ten) => one * ten)).sort((a, b) => a - b);

// Options of a plot over days. series: [label, colour, further options].
function overDays(days, series, range, digits) {
  const name = (at) => (Number.isInteger(at) && days[at] ? dayName(days[at]) : "");
  return {
    scales: { x: { time: false, range: [-0.6, days.length - 0.4] }, y: { range } },
    axes: [
      { ...axis, size: 30, space: 90, incrs: [1, 2, 5, 7, 14, 30, 60, 90, 180, 365], values: (_, places) => places.map(name) },
      { ...axis, ...(digits === 0 ? { incrs: WHOLE } : {}), values: (_, places) => places.map((place) => number(place, digits)) },
    ],
    series: [
      { label: told().day, value: (_, at) => (at === null ? "–" : name(at)) },
      ...series.map(([label, stroke, more = {}]) => ({
        label, stroke: colour(stroke), width: 2, spanGaps: true, value: (_, value) => (value === null || value === undefined ? "–" : number(value, digits)), ...more,
      })),
    ],
  };
}

const values = (columns, rows) => element("details", "", element("summary", "", texts().values), table(columns, rows));

// Draws inspected and, over them, abnormal pictures of each day. rows: pictures and defective by day.
export function dayBars(days, rows) {
  const all = days.map((one) => rows.get(one)?.pictures ?? 0);
  const bad = days.map((one) => rows.get(one)?.defective ?? 0);
  const bars = (name) => ({ paths: drawnAs("bars", { size: [0.7, 48] }), fill: colour(name), width: 0, points: { show: false } });
  const options = overDays(days, [[told().all, "--brand", bars("--brand")], [told().share, "--bad-line", bars("--bad-line")]],
    (_, low, high) => [0, Math.max(1, high * 1.1)], 0);
  const label = days.map((one, at) => `${one}: ${all[at]}, ${told().share} ${bad[at]}`).join("; ");
  const full = days.map((one, at) => [dayName(one), all[at], bad[at]]).filter(([, n]) => n);
  return [plotted(options, [days.map((_, at) => at), all, bad], label), values([told().day, told().all, told().share], full)];
}

// Draws lines over days under a title. lines: [label, colour, value by day]; base: the value that is drawn dashed.
export function dayLines(title, days, lines, [baseName, base]) {
  const columns = lines.map(([, , of]) => days.map((one) => of.get(one) ?? null));
  const dots = (name) => ({ points: { size: 6, fill: colour(name) } });
  const series = [...lines.map(([name, stroke]) => [name, stroke, dots(stroke)]), [baseName, "--bad-line", { dash: [6, 5], width: 1.5, points: { show: false } }]];
  const options = overDays(days, series, (_, low, high) => [Math.min(0, low ?? 0), Math.max(base * 1.15, (high ?? 0) * 1.1)], 2);
  const rows = days.map((one, at) => [dayName(one), ...columns.map((column) => (column[at] === null ? "" : column[at].toFixed(2)))]).filter((row) => row.slice(1).some(Boolean));
  const label = `${title}: ${rows.map((row) => row.join(" ")).join("; ")}`;
  const frame = plotted(options, [days.map((_, at) => at), ...columns, days.map(() => base)], label);
  return element("figure", "", element("figcaption", "", title), frame, values([told().day, ...lines.map(([name]) => name)], rows));
}

// Draws a bar for each name, the longest first; its abnormal part in red. rows: [name, pictures, abnormal ones].
export function nameBars(rows) {
  const most = Math.max(...rows.map(([, n]) => n), 1);
  return [...rows].sort((a, b) => b[1] - a[1]).map(([name, n, bad]) => {
    const part = (className, size) => {
      const made = element("span", `fill ${className}`);
      made.style.width = `${(size / most) * 100}%`;
      return made;
    };
    const counted = bad && bad !== n ? `${number(n)} · ${told().share} ${number(bad)}` : number(n);
    return element("div", "tally", element("span", "", name), element("span", "meter", part("hot", bad), part("", n - bad)), element("span", "number", counted));
  });
}
