// Region of a picture, chosen by dragging or by sliders, cut out as a file in the browser.
import { button, element } from "./dom.js";
import { finding } from "../texts/finding.js";

const SIDES = ["x", "y", "w", "h"];
const LEAST = 0.02; // of a side
const QUALITY = 0.95;

// Asks for a region; returns it as a JPEG file, or null where the dialog is closed without one.
export async function cutOut(src, name) {
  const image = Object.assign(element("img"), { src, alt: name, draggable: false });
  const selection = element("div", "selection");
  const stage = element("div", "stage", image, selection);
  const region = { x: 0.25, y: 0.25, w: 0.5, h: 0.5 };
  const sliders = Object.fromEntries(SIDES.map((side) => [side, Object.assign(element("input"), { type: "range", min: 0, max: 100 })]));
  const show = () => {
    for (const [side, css] of [["x", "left"], ["y", "top"], ["w", "width"], ["h", "height"]]) {
      selection.style[css] = `${100 * region[side]}%`;
      sliders[side].value = String(Math.round(100 * region[side]));
    }
  };
  const set = (changes) => {
    Object.assign(region, fitting({ ...region, ...changes }));
    show();
  };
  for (const side of SIDES) sliders[side].addEventListener("input", () => set({ [side]: Number(sliders[side].value) / 100 }));
  drawable(stage, set);
  show();
  await image.decode().catch(() => {}); // so that the dialog opens as large as it stays
  return asked({ image, name, stage, sliders, region });
}

// Keeps a region within the picture.
function fitting({ x, y, w, h }) {
  const within = (value, most) => Math.min(Math.max(value, 0), most);
  const [left, top] = [within(x, 1 - LEAST), within(y, 1 - LEAST)];
  return { x: left, y: top, w: Math.max(within(w, 1 - left), LEAST), h: Math.max(within(h, 1 - top), LEAST) };
}

// Draws a region by dragging from one corner to the other.
function drawable(stage, set) {
  let from = null;
  const at = (event) => {
    const box = stage.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((n) => Math.min(Math.max(n, 0), 1));
  };
  stage.addEventListener("pointerdown", (event) => {
    from = at(event);
    stage.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  stage.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y] = at(event);
    set({ x: Math.min(x, from[0]), y: Math.min(y, from[1]), w: Math.abs(x - from[0]), h: Math.abs(y - from[1]) });
  });
  for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, () => { from = null; });
}

function asked({ image, name, stage, sliders, region }) {
  const t = finding();
  return new Promise((resolve) => {
    const rows = SIDES.map((side) => element("label", "", t.sides[side], sliders[side]));
    const go = element("button", "", t.findPart);
    const form = element("form", "", element("h2", "", t.partTitle), element("p", "soft", t.partHow), stage,
      element("div", "sides", ...rows), element("div", "row", go, button("small", () => dialog.close(), t.cancel)));
    const dialog = Object.assign(element("dialog", "crop", form), { ariaLabel: t.partTitle });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      resolve(await cut(image, region, t.partOf(name)));
      dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(null); // nothing, where the region was cut out already
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

async function cut(image, { x, y, w, h }, name) {
  await image.decode();
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  const canvas = Object.assign(element("canvas"), { width: Math.max(1, Math.round(w * width)), height: Math.max(1, Math.round(h * height)) });
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // JPEG has no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, x * width, y * height, w * width, h * height, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
  return new File([blob], name, { type: "image/jpeg" });
}
