// Anomaly map of an analysis: heatmap over the picture, scale, outlines in the original resolution, zoom.
import { $, button, drawing, element } from "../common/dom.js";
import { number } from "../common/language.js";
import { told } from "../texts/defects.js";
import { drawBeside } from "./beside.js";

const ZOOM_SHARE = 0.7; // of the frame that a region fills
const MOST_ZOOM = 8;
const TINY = 3; // corners of the smallest outline; what has fewer is drawn as its box
let zoomed = null; // number of the region that is zoomed in on
let drawnOf = null; // the analysis on the page

const imageOf = (id, kind) => `/defects/analyses/${id}/images/${kind}`;

// Draws the picture with its map. found: the analysis; normalName: the name of what is shown beside it.
export function drawMap(found) {
  if (drawnOf !== found.analysis_id) zoomed = null;
  drawnOf = found.analysis_id;
  const judged = found.score !== null;
  show($("image"), imageOf(found.analysis_id, "picture"), told().inspected);
  $("heat").hidden = !judged;
  if (judged) show($("heat"), imageOf(found.analysis_id, "heatmap"), "");
  $("layers").hidden = !judged;
  drawOutlines(found);
  drawScale(found, judged);
  drawRegions(found);
  drawBeside(found, imageOf(found.analysis_id, "compared"));
  zoom(found);
}

// Sets a source only where it changed: the same one again would make the picture flicker.
function show(image, src, alt) {
  if (image.getAttribute("src") !== src) image.src = src;
  image.alt = alt;
}

// The heatmap's opacity from 0 to 1.
export function strengthen(opacity) {
  $("heat").style.opacity = opacity;
}

const regionsOf = (found) => found.regions || []; // those that are older have none

function drawOutlines(found) {
  const { width, height } = found;
  $("outline").setAttribute("viewBox", `0 0 ${width || 1} ${height || 1}`);
  $("outline").classList.toggle("quiet", found.verdict !== "defect");
  $("outline").replaceChildren(...(width ? regionsOf(found) : []).flatMap((region, at) => [shape(region, "halo"), shape(region, "edge", at)]));
}

function shape({ box: [x, y, width, height], outline }, name, at) {
  const made = outline.length < TINY
    ? drawing("rect", { x, y, width, height, class: name })
    : drawing("polygon", { points: outline.map((corner) => corner.join(",")).join(" "), class: name });
  if (at !== undefined) made.dataset.region = at;
  return made;
}

// Draws the colours with their levels; the threshold is a line on them.
function drawScale({ scale }, judged) {
  if (!judged || !scale) return $("legend").replaceChildren(...(judged ? [element("p", "soft", told().scaleOld)] : []));
  const { threshold, high, stops } = scale;
  const share = (level) => Math.min(Math.max(level / high, 0), 1) * 100;
  const bar = Object.assign(element("div", "scale"), { role: "img" });
  bar.ariaLabel = `${told().scale}: 0, ${told().threshold(number(threshold, 3))}, ${told().hottest(number(high, 3))}`;
  bar.style.background = `linear-gradient(90deg, ${stops.map(([level, colour]) => `${colour} ${share(level)}%`).join(", ")})`;
  const line = element("span", "threshold");
  const name = element("span", "threshold-name", told().threshold(number(threshold, 3)));
  for (const one of [line, name]) one.style.left = `${share(threshold)}%`;
  bar.append(line);
  const ends = element("div", "ends", element("span", "", "0"), name, element("span", "", told().hottest(number(high, 3))));
  return $("legend").replaceChildren(element("div", "legend", bar, ends), element("p", "soft", told().scaleHint));
}

function drawRegions(found) {
  const { verdict } = found;
  const regions = regionsOf(found);
  const rows = regions.map((region, at) => {
    const made = button("chip choice region", () => {
      zoomed = zoomed === at ? null : at;
      zoom(found);
    }, element("span", "", told().region(at + 1, ...size(region))), element("span", "n", about(region)));
    made.dataset.region = at;
    return made;
  });
  const title = verdict === "defect" ? element("h3", "", told().regionsTitle(regions.length)) : element("p", "soft", told().regionsSoft(regions.length));
  $("regions").replaceChildren(...(regions.length ? [title, element("div", "chips", ...rows)] : []));
}

const size = ({ box: [x, y, width, height] }) => [x, y, width, height].map((n) => number(n));
const about = ({ peak, detector }) =>
  [told().times(number(peak, 1)), detector && (told().detectors[detector] || detector)].filter(Boolean).join(" · ");

// Zooms in on the chosen region, or out to the whole picture.
function zoom(found) {
  const region = regionsOf(found)[zoomed];
  $("unzoom").hidden = !region;
  for (const one of document.querySelectorAll("#regions [data-region]")) one.ariaPressed = String(Number(one.dataset.region) === zoomed);
  for (const one of document.querySelectorAll("#outline [data-region]")) one.classList.toggle("lit", Number(one.dataset.region) === zoomed);
  if (!region) {
    $("plane").style.transform = "";
    return;
  }
  const [x, y, width, height] = region.box;
  const times = Math.max(1, Math.min(MOST_ZOOM, (ZOOM_SHARE * found.width) / width, (ZOOM_SHARE * found.height) / height));
  const shift = (middle) => Math.min(Math.max(0.5 - middle * times, 1 - times), 0) * 100;
  const [across, down] = [(x + width / 2) / found.width, (y + height / 2) / found.height];
  $("plane").style.transform = `translate(${shift(across)}%, ${shift(down)}%) scale(${times})`;
  $("shown").scrollIntoView({ block: "nearest" });
}

export function unzoom(found) {
  zoomed = null;
  zoom(found);
}
