// Zoom of a picture by buttons, wheel, fingers and keys. OpenSeadragon is loaded when somebody first zooms; what is drawn
// over the picture moves with it.
import { button, element } from "../common/dom.js";
import { about } from "../texts/item.js";

const FILE = "/assets/vendor/openseadragon/openseadragon.min.js";
const STEP = 1.5;
const LEAST = 300; // px of height, where the picture is smaller
let library = null;

// The library adds a style element where there is none with this mark, which the page's policy forbids: its rules are in
// item.css. An element of no namespace matches, and styles nothing.
function forgoStyle() {
  const mark = document.createElementNS(null, "style");
  mark.setAttribute("data-openseadragon-mobile-css", "");
  document.head.append(mark);
}

function fetched() {
  library ||= new Promise((resolve, reject) => {
    forgoStyle();
    const script = Object.assign(element("script"), { src: FILE });
    script.addEventListener("load", () => resolve(self.OpenSeadragon));
    script.addEventListener("error", () => {
      library = null;
      reject(new Error(about().noViewer));
    });
    document.head.append(script);
  });
  return library;
}

// Makes the picture of a frame zoomable. media: the picture, drawn: the node over it, or "". Returns its buttons, and
// `reveal(line)`, which moves a box that is out of sight into it.
export function zoomable(frame, { media, name, drawn }) {
  let viewer = null;
  const told = Object.assign(element("span", "soft"), { role: "status" });
  const open = async () => {
    try {
      viewer ||= await opened(frame, { media, name, drawn });
    } catch (error) {
      told.textContent = error.message;
    }
    for (const one of [further, whole]) one.disabled = !viewer;
    return viewer;
  };
  const by = (factor) => async () => {
    const { viewport } = (await open()) || {};
    viewport?.zoomBy(factor);
    viewport?.applyConstraints();
  };
  const further = Object.assign(button("small", by(1 / STEP), "−"), { ariaLabel: about().further, title: about().further, disabled: true });
  const closer = Object.assign(button("small", by(STEP), "+"), { ariaLabel: about().closer, title: about().closer });
  const whole = Object.assign(button("small", () => viewer?.viewport.goHome(), about().whole), { disabled: true });
  frame.addEventListener("dblclick", () => { if (!viewer) by(STEP)(); });
  const tools = element("div", "zoom-tools", closer, further, whole, document.fullscreenEnabled ? fullScreen(frame) : "", told);
  return { tools, reveal: (line) => viewer && reveal(viewer, line, media), close: () => viewer?.destroy() };
}

const fullScreen = (frame) => button("small", () =>
  (document.fullscreenElement ? document.exitFullscreen() : frame.closest("figure").requestFullscreen()), about().full);

async function opened(frame, { media, name, drawn }) {
  const OpenSeadragon = await fetched();
  const stage = element("div", "zoom");
  stage.style.height = `${Math.max(frame.clientHeight, LEAST)}px`;
  frame.classList.add("zooming");
  frame.append(stage);
  const viewer = OpenSeadragon({
    element: stage, drawer: "canvas", showNavigationControl: false, maxZoomPixelRatio: 8, visibilityRatio: 0.5,
    animationTime: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 0.5,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    tileSources: { type: "image", url: `/pictures/${media.picture_id}` },
  });
  Object.assign(viewer.canvas, { role: "application", ariaLabel: about().zoomed(name) });
  await new Promise((resolve, reject) => {
    viewer.addOnceHandler("open", resolve);
    viewer.addOnceHandler("open-failed", () => reject(new Error(about().noViewer)));
  });
  frame.querySelector("img").hidden = true;
  if (drawn) {
    const layer = element("div", "", drawn);
    viewer.addOverlay({ element: layer, location: new OpenSeadragon.Rect(0, 0, 1, media.height / media.width) });
  }
  return viewer;
}

function reveal({ viewport }, line, media) {
  const [x, y] = [0, 1].map((at) => line.box.filter((_, n) => n % 2 === at).reduce((sum, n) => sum + n / 4, 0) / media.width);
  const seen = viewport.getBounds();
  if (x < seen.x || y < seen.y || x > seen.x + seen.width || y > seen.y + seen.height) {
    viewport.panTo(Object.assign(viewport.getCenter(), { x, y }));
  }
}
