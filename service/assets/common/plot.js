// Plots drawn by uPlot in the colours of the page; the page loads the library.
import { element } from "./dom.js";

const HEIGHT = 190;

export const colour = (name) => () => getComputedStyle(document.documentElement).getPropertyValue(name);
export const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
const NO_DRAG = { drag: { x: false, y: false } };

// Creates the frame of a plot, which follows the width of the page. label: what the plot shows, in words.
export function plotted(options, columns, label) {
  const frame = Object.assign(element("div", "plot"), { role: "img", ariaLabel: label });
  const plot = new uPlot({ width: 320, height: HEIGHT, cursor: NO_DRAG, ...options }, columns, frame);
  new ResizeObserver(([{ contentRect }]) => {
    if (frame.isConnected) plot.setSize({ width: contentRect.width, height: HEIGHT });
    else plot.destroy();
  }).observe(frame);
  return frame;
}

// Calls `redraw` when the scheme of colours changes: a canvas does not follow the style of the page.
export const onScheme = (redraw) => matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
