// The normal picture beside an inspected one.
import { $, element, link, picture } from "../common/dom.js";
import { told } from "../texts/defects.js";

const GAP = 8; // pixels between the pictures of `compared`, see encoders/anomaly/render.py
let drawnOf = null; // the analysis whose normal picture is on the page

// Shows the registered normal picture most like it, of its own view where there is one; otherwise the one that the
// judged patches are nearest to, which is the last of `compared`.
export async function drawBeside(found, compared) {
  drawnOf = found.analysis_id;
  const normal = found.nearest.filter((one) => one.label === "normal" && one.picture_id);
  const best = normal.find((one) => one.view === found.view) || normal[0];
  if (best) return show(link(`/item?id=${best.item_id}`, "frame", picture(`/pictures/${best.picture_id}`, told().normalBeside)));
  const cut = found.score === null ? null : await lastOf(compared).catch(() => null);
  if (drawnOf !== found.analysis_id) return null;
  return cut ? show(element("div", "frame", cut)) : $("beside").replaceChildren(element("p", "soft", told().noNormalBeside));
}

const show = (frame) => $("beside").replaceChildren(frame, element("figcaption", "soft", told().normalBeside));

// Cuts the third picture out of three side by side, of which two have the width of the inspected one; null: it has two.
async function lastOf(src) {
  const whole = Object.assign(new Image(), { src });
  await Promise.all([whole.decode(), $("image").decode()]);
  const from = 2 * ($("image").naturalWidth + GAP);
  const [width, height] = [whole.naturalWidth - from, whole.naturalHeight];
  if (width <= 0) return null;
  const cut = Object.assign(element("canvas"), { width, height, role: "img", ariaLabel: told().normalBeside });
  cut.getContext("2d").drawImage(whole, from, 0, width, height, 0, 0, width, height);
  return cut;
}
