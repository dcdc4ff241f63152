// Grid of a tuning as a plot: a square for each weighting of the legs under each way of scaling.
import { drawing, element, table } from "../common/dom.js";
import { said } from "../texts/evaluation.js";

const WIDE = 62, HIGH = 18, TOP = 22;
const CHARACTER = 7; // width of a letter, so that labels have room
const PALEST = 0.06; // of the lowest value; the highest is opaque

// Draws the cells of /evaluation/decisions/{id}/grid, the best weighting first, and the same as a table.
export function drawn(cells, caption) {
  const scalings = [...new Set(cells.map((one) => one.scaling))];
  const legs = Object.keys(cells[0].weights);
  const rows = grouped(cells);
  const label = `${legs.join(" / ")}`;
  const left = CHARACTER * Math.max(label.length, ...rows.map((row) => named(row, legs).length)) + 10;
  const values = cells.map((one) => one.value);
  const scale = { low: Math.min(...values), high: Math.max(...values) };
  const plot = drawing("svg", { viewBox: `0 0 ${left + WIDE * scalings.length} ${TOP + HIGH * rows.length}`, role: "img", class: "grid" },
    drawing("title", {}, caption), text(0, 14, label), ...scalings.map((name, at) => text(left + WIDE * at + 4, 14, name)),
    ...rows.flatMap((row, at) => line(row, at, { left, legs, scale })));
  plot.style.maxWidth = `${left + WIDE * scalings.length}px`;
  const body = rows.map((row) => [named(row, legs), ...row.map((one) => one.value.toFixed(4) + (one.best ? " *" : ""))]);
  const details = element("details", "", element("summary", "", said("asTable")), table([label, ...scalings], body));
  return element("figure", "", element("figcaption", "", caption), element("p", "soft", said("gridNote")), plot, details);
}

function grouped(cells) {
  const rows = new Map();
  for (const one of cells) rows.set(one.weighting, [...(rows.get(one.weighting) || []), one]);
  const top = (row) => Math.max(...row.map((one) => one.value));
  const sum = (row) => row.reduce((all, one) => all + one.value, 0);
  return [...rows.values()].sort((a, b) => top(b) - top(a) || sum(b) - sum(a));
}

const named = (row, legs) => legs.map((leg) => row[0].weights[leg].toFixed(2)).join(" / ");

const text = (x, y, words) => drawing("text", { x, y, "font-size": 12, fill: "currentColor" }, words);

function line(row, at, { left, legs, scale }) {
  const y = TOP + HIGH * at;
  const part = (value) => (scale.high > scale.low ? (value - scale.low) / (scale.high - scale.low) : 1);
  const squares = row.map((one, column) => drawing("g", {},
    drawing("title", {}, `${one.scaling}; ${Object.entries(one.weights).map(([leg, w]) => `${leg} ${w}`).join(", ")}: ${one.value.toFixed(4)}`),
    drawing("rect", {
      x: left + WIDE * column + 1, y: y + 1, width: WIDE - 2, height: HIGH - 2, rx: 3,
      class: one.best ? "best" : "", "fill-opacity": PALEST + (1 - PALEST) * part(one.value) ** 2,
    })));
  return [text(0, y + 13, named(row, legs)), ...squares];
}
