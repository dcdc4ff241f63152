// List or grid of results; the choice stands in the address.
import { $ } from "../../common/dom.js";
import { finding } from "../../texts/finding.js";

// Shows the results as the state says; the button is offered where a result has a picture.
export function layOut(hits, grid) {
  $("hits").classList.toggle("tiles", grid);
  $("as-grid").hidden = !grid && !hits.some((hit) => hit.pictures.length);
  $("as-grid").textContent = finding().grid;
  $("as-grid").ariaPressed = String(grid);
}

// turn(): the other layout.
export const listen = (turn) => $("as-grid").addEventListener("click", turn);
