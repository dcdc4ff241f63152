// Pictures of an item: each with the text read on it, boxes and lines linked both ways, by pointer and by keys.
import { drawing, element, picture } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { translated } from "../common/message.js";
import { roving } from "../common/roving.js";
import { called, labelled } from "../common/values.js";
import { about } from "../texts/item.js";
import { zoomable } from "./zoom.js";

let open = []; // zooms of the pictures that are shown

const pair = (name, text) => labelled(name, element("p", "value", text));

// Draws all pictures. extras(media): further buttons below one.
export function drawPictures(place, item, extras) {
  open.forEach((zoom) => zoom.close());
  open = [];
  place.replaceChildren(...item.media.map((media) => (media.error
    ? element("p", "wrong", `${media.name || called(media.role)}: ${translated(media.error)}`)
    : shown(media, extras(media)))));
}

function shown(media, extras) {
  const name = media.caption || [called(media.role), media.name].filter(Boolean).join(" ");
  const frame = element("div", "frame", picture(`/pictures/${media.picture_id}`, name, ""));
  const { svg, lines } = media.lines.length ? linked(media, (line) => zoom.reveal(line)) : { svg: "", lines: "" };
  frame.append(svg);
  const zoom = zoomable(frame, { media, name, drawn: svg });
  zoom.tools.append(...extras);
  open.push(zoom);
  return element("figure", "picture", element("div", "seen", frame, zoom.tools), read(media, lines));
}

function read(media, lines) {
  const states = Object.entries(media.readings).map(([kind, state]) => `${called(kind)}: ${texts().readings[state]}`);
  const facts = [called(media.role), media.name, `${media.width} × ${media.height}`, ...states].filter(Boolean);
  const numbers = media.identifiers.map((found) => pair(called(found.label), `${found.raw} (${sure(found)})`));
  return element("div", "read", element("p", "soft", facts.join(" · ")),
    media.caption ? pair(called("caption"), media.caption) : "", ...numbers,
    ...(lines ? [element("p", "name", called("ocr")), lines] : []));
}

const sure = ({ confidence }) => about().sure(number(confidence * 100));

// Creates the boxes and the lines of a picture: one of a pair lights the other, and Enter goes to it.
function linked(media, reveal) {
  const svg = drawing("svg", { viewBox: `0 0 ${media.width} ${media.height}`, class: "boxes", role: "group" });
  svg.ariaLabel = about().boxes;
  const list = Object.assign(element("ol", "lines"), { ariaLabel: about().lines });
  const pairs = media.lines.map((line) => paired(line, list, reveal));
  svg.append(...pairs.map(([box]) => box));
  list.append(...pairs.map(([, row]) => row));
  roving(svg, pairs.map(([box]) => box), (at) => pairs[at][1].focus());
  roving(list, pairs.map(([, row]) => row), (at) => pairs[at][0].focus());
  return { svg, lines: list };
}

function paired(line, list, reveal) {
  const points = line.box.reduce((all, n, at) => all + (at % 2 ? `,${n} ` : n), "").trim();
  const box = drawing("polygon", { points, class: "box", role: "button" });
  box.ariaLabel = line.text;
  const row = element("li", "", line.text, " ", element("span", "soft", sure(line)));
  const light = (on) => [box, row].forEach((one) => one.classList.toggle("lit", on));
  for (const one of [box, row]) {
    for (const name of ["mouseenter", "focus"]) one.addEventListener(name, () => light(true));
    for (const name of ["mouseleave", "blur"]) one.addEventListener(name, () => light(false));
  }
  // Scrolls the list only, not the page.
  for (const name of ["mouseenter", "focus"]) box.addEventListener(name, () => { list.scrollTop = row.offsetTop - list.clientHeight / 2; });
  row.addEventListener("focus", () => reveal(line));
  box.addEventListener("click", () => row.focus({ preventScroll: true }));
  return [box, row];
}
