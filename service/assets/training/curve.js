// Curves of a run: loss on the left scale, a measure of retrieval on the right one, from 0 to 1.
import { drawing } from "../common/dom.js";
import { number } from "../common/language.js";

const WIDTH = 640;
const HEIGHT = 180;
const EDGE = 34;

const path = (points, x, y) => points.map(([at, value], n) => `${n ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");

function smoothed(points) {
  return points.map(([at], n) => {
    const near = points.slice(Math.max(0, n - 4), n + 5);
    return [at, near.reduce((sum, [, value]) => sum + value, 0) / near.length];
  });
}

// Draws the points {at, point} of a run; the losses of single batches jump, so that they are averaged.
export function curve(points, label) {
  const last = Math.max(1, ...points.map((one) => one.at));
  const of = (name) => points.filter((one) => name in one.point).map((one) => [one.at, one.point[name]]);
  const losses = [smoothed(of("loss")), of("held_out_loss")];
  const measures = [of("nDCG@10"), of("R@10")];
  const top = Math.max(0.01, ...losses.flat().map(([, value]) => value));
  const x = (at) => EDGE + (WIDTH - 2 * EDGE) * at / last;
  const left = (value) => HEIGHT - 20 - (HEIGHT - 32) * value / top;
  const right = (value) => HEIGHT - 20 - (HEIGHT - 32) * value;
  const text = (at, y, told, anchor) => drawing("text", { x: at, y, "text-anchor": anchor, class: "tick" }, told);
  const line = (kind, drawn, scale) => drawing("path", { class: `curve ${kind}`, d: path(drawn, x, scale) });
  const dots = (kind, drawn, scale) => drawn.map(([at, value]) => drawing("circle", { class: `dot ${kind}`, cx: x(at), cy: scale(value), r: 3 },
    drawing("title", {}, `${at}: ${value.toFixed(4)}`)));
  return drawing("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label, class: "curves" },
    drawing("line", { x1: EDGE, y1: HEIGHT - 20, x2: WIDTH - EDGE, y2: HEIGHT - 20, class: "axis" }),
    text(EDGE - 4, left(top) + 4, number(top, 2), "end"), text(EDGE - 4, HEIGHT - 16, "0", "end"),
    text(WIDTH - EDGE + 4, right(1) + 4, "1", "start"), text(WIDTH - EDGE + 4, HEIGHT - 16, "0", "start"),
    text(WIDTH - EDGE, HEIGHT - 4, number(last), "end"),
    line("loss", losses[0], left), line("held", losses[1], left), ...dots("held", losses[1], left),
    line("ndcg", measures[0], right), ...dots("ndcg", measures[0], right),
    line("recall", measures[1], right), ...dots("recall", measures[1], right));
}
