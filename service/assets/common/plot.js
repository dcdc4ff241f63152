// Plots drawn by uPlot in the colours of the page. The library comes with the first plot that is seen.
import { element } from "./dom.js";

const HEIGHT = 190;
let library = null;

const dark = matchMedia("(prefers-color-scheme: dark)");
const colours = new Map(); // as the page has them: asking it while it is drawn costs its layout each time
dark.addEventListener("change", () => colours.clear());

export const colour = (name) => () => {
  if (!colours.has(name)) colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(name));
  return colours.get(name);
};
export const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
const NO_DRAG = { drag: { x: false, y: false } };

// A path of uPlot's, such as bars with their options, for a series that is made before the library is there.
export const drawnAs = (name, options) => (...given) => uPlot.paths[name](options)(...given);

async function fetched() {
  document.head.append(Object.assign(element("link"), { rel: "stylesheet", href: "/assets/vendor/uplot/uPlot.min.css" }));
  await new Promise((resolve, reject) => {
    // A classic script: as a module it would keep its name to itself.
    document.head.append(Object.assign(element("script"), { src: "/assets/vendor/uplot/uPlot.iife.min.js", onload: resolve, onerror: reject }));
  });
}

// Creates the frame of a plot, which follows the width of the page. label: what the plot shows, in words.
export function plotted(options, columns, label) {
  const frame = Object.assign(element("div", "plot"), { role: "img", ariaLabel: label });
  let plot = null; // drawn once the page has given it its width, and so once
  new ResizeObserver(async ([{ contentRect: { width } }]) => {
    await (library ||= fetched());
    if (!frame.isConnected) plot?.destroy();
    else if (plot) plot.setSize({ width, height: HEIGHT });
    else plot = new uPlot({ width, height: HEIGHT, cursor: NO_DRAG, ...options }, columns, frame);
  }).observe(frame);
  return frame;
}

// Calls `redraw` when the scheme of colours changes: a canvas does not follow the style of the page.
export const onScheme = (redraw) => dark.addEventListener("change", redraw);
