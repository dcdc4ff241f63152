// Line plot of a measure over the runs of an evaluation, drawn by uPlot.
import { element, table } from "../common/dom.js";
import { moment, number, texts } from "../common/language.js";
import { axis, colour, plotted } from "../common/plot.js";

const MARGIN = 0.05; // of the scale above and below the values; measures are in [0, 1]

// Creates a figure with its plot and its values as a table. points: runs in order, with run_id, label, value and at.
export function history(points, caption) {
  const values = points.map((point) => point.value);
  const label = `${caption}: ${values.map((value) => value.toFixed(3)).join(", ")}`;
  const rows = points.map((point) => [`#${point.run_id}`, point.label, point.value.toFixed(4), moment(point.at)]);
  const details = element("details", "", element("summary", "", texts().values), table(texts().historyColumns, rows));
  const frame = plotted(options(points), [points.map((_, at) => at), values], label);
  return element("figure", "", element("figcaption", "", `${caption} — ${values.at(-1).toFixed(4)}`), frame, details);
}

// Places runs at equal distances: their number stands below them, their time in the legend.
function options(points) {
  const name = (at) => points[at] && `#${points[at].run_id}`;
  return {
    scales: {
      x: { time: false, range: (_, low, high) => [low - 0.3, high + 0.3] },
      y: { range: (_, low, high) => [Math.max(0, low - MARGIN), Math.min(1, high + MARGIN)] },
    },
    axes: [
      { ...axis, size: 30, label: texts().runs, labelSize: 18, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], values: (_, places) => places.map(name) },
      { ...axis, values: (_, places) => places.map((place) => number(place, 3)) },
    ],
    series: [
      { label: texts().historyColumns[0], value: (_, at) => (at === null ? "–" : `${name(at)} ${points[at].label} · ${moment(points[at].at)}`) },
      { label: texts().historyColumns[2], value: (_, value) => value?.toFixed(4) ?? "–", stroke: colour("--brand"), width: 2, points: { size: 7, fill: colour("--brand") } },
    ],
  };
}
