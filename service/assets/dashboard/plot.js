// A measure over time as a small drawing.
import { drawing, element } from "../common/dom.js";
import { moment } from "../common/language.js";

const WIDTH = 560;
const HEIGHT = 120;
const EDGE = 26;

export function history(points, caption) {
  const figure = element("figure");
  const svg = drawing("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "plot" });
  const values = points.map((point) => point.value);
  // Measures are in [0, 1]; what differs is shown larger, but not out of all proportion.
  const low = Math.max(0, Math.min(...values) - 0.05);
  const high = Math.min(1, Math.max(...values) + 0.05);
  const x = (at) => EDGE + 10 + (at * (WIDTH - 2 * EDGE)) / Math.max(1, points.length - 1);
  const y = (value) => HEIGHT - EDGE + 8 - ((value - low) * (HEIGHT - 2 * EDGE + 12)) / (high - low || 1);
  for (const value of [low, high]) {
    const text = drawing("text", { x: 0, y: y(value) + 4, class: "axis" });
    text.textContent = value.toFixed(2);
    svg.append(text, drawing("line", { x1: EDGE + 8, x2: WIDTH, y1: y(value), y2: y(value), class: "grid" }));
  }
  svg.append(drawing("polyline", { points: values.map((value, at) => `${x(at)},${y(value)}`).join(" "), class: "curve" }));
  points.forEach((point, at) => {
    const dot = drawing("circle", { cx: x(at), cy: y(point.value), r: 3.5, class: "dot" });
    const title = drawing("title", {});
    title.textContent = `#${point.run_id} ${point.label} ${point.value.toFixed(4)} ${moment(point.at)}`;
    dot.append(title);
    svg.append(dot);
  });
  svg.setAttribute("aria-label", `${caption}: ${values.map((value) => value.toFixed(3)).join(", ")}`);
  figure.append(element("figcaption", "", `${caption} — ${values.at(-1).toFixed(4)}`), svg);
  return figure;
}
