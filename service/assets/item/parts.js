// Text of an article by its parts: paragraphs, items and subitems, each with an anchor that results link to.
import { element } from "../common/dom.js";
import { called, labelled } from "../common/values.js";
import { citations, cited } from "./citations.js";
import { law } from "../texts/law.js";

let jumped = false; // to the part of the address: once, since the page is drawn several times

// Tells whether a text is shown by its parts.
export const isParted = (parts) => parts.length > 1;

// Creates the text, with what it cites linked; "" where it has no parts.
export function drawnParts(parts, links) {
  if (!isParted(parts)) return "";
  const found = citations(links);
  const lines = parts.filter((part) => part.content.trim()).map((part) => {
    const line = element("p", `part level-${part.level}`, ...cited(part.content.trim(), found));
    line.id = `part-${part.part_no}`;
    if (part.path) line.title = law().called(part);
    return line;
  });
  const text = element("div", "value", ...lines);
  text.setAttribute("aria-label", law().parts);
  return labelled(called("text"), text);
}

// Lights the part that the address names, and goes there.
export function goToPart() {
  for (const line of document.querySelectorAll(".part")) line.classList.toggle("lit", `#${line.id}` === location.hash);
  if (jumped) return;
  const there = document.querySelector(".part.lit");
  there?.scrollIntoView({ block: "center" });
  jumped = Boolean(there);
}

addEventListener("hashchange", () => {
  jumped = false;
  goToPart();
});
