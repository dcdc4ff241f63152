// Line plot of a measure over the runs of an evaluation with their intervals, drawn by uPlot.
import { element, link, table } from "../common/dom.js";
import { moment, number, texts } from "../common/language.js";
import { axis, colour, plotted } from "../common/plot.js";
import { words } from "../texts/dashboard.js";

const MARGIN = 0.05; // of the scale above and below the values; measures are in [0, 1]

// Creates a figure with its plot and its values as a table. points: rows of /insight/evaluations, in order.
export function history(points, caption) {
  const values = points.map((point) => point.value);
  const [low, high] = ["low", "high"].map((name) => points.map((point) => point[name] ?? point.value));
  const label = `${caption}: ${values.map((value) => value.toFixed(3)).join(", ")}`;
  const rows = points.map((point) => [
    link(`/evaluation#run=${point.run_id}`, "", `#${point.run_id}`), point.label, point.profile ?? "", point.value.toFixed(4), interval(point), point.queries, moment(point.started_at)]);
  const details = element("details", "", element("summary", "", texts().values), table(words().historyColumns, rows));
  const frame = plotted(options(points), [points.map((_, at) => at), high, low, values], label);
  const last = points.at(-1);
  return element("figure", "", element("figcaption", "", `${caption} — ${last.value.toFixed(4)} ${interval(last)}`), frame, details);
}

const interval = ({ low, high }) => (low === null ? "" : words().interval(low.toFixed(3), high.toFixed(3)));

// Places runs at equal distances: their number stands below them, their date in the legend; a band is the interval.
function options(points) {
  const name = (at) => points[at] && `#${points[at].run_id}`;
  const edge = { show: true, stroke: colour("--line"), width: 1, points: { show: false }, value: (_, value) => value?.toFixed(4) ?? "–" };
  const [run, , , value, range] = words().historyColumns;
  return {
    scales: {
      x: { time: false, range: (_, low, high) => [low - 0.3, high + 0.3] },
      y: { range: (_, low, high) => [Math.max(0, low - MARGIN), Math.min(1, high + MARGIN)] },
    },
    bands: [{ series: [1, 2], fill: colour("--chip") }],
    axes: [
      { ...axis, size: 30, label: texts().runs, labelSize: 18, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], values: (_, places) => places.map(name) },
      { ...axis, values: (_, places) => places.map((place) => number(place, 3)) },
    ],
    series: [
      { label: run, value: (_, at) => (at === null ? "–" : `${name(at)} ${points[at].label} · ${moment(points[at].started_at)}`) },
      { ...edge, label: `${range} ↑` },
      { ...edge, label: `${range} ↓` },
      { label: value, value: (_, one) => one?.toFixed(4) ?? "–", stroke: colour("--brand"), width: 2, points: { size: 7, fill: colour("--brand") } },
    ],
  };
}
