// Keys of the search page: / goes to the field, arrows go through the results, Enter opens one (it is a link).
import { $ } from "../../common/dom.js";

const TYPES = "input, textarea, select, [contenteditable]";
const titles = () => [...document.querySelectorAll("#hits h2 a")];

// Columns of the results: several in a grid.
const columns = () => getComputedStyle($("hits")).gridTemplateColumns.split(" ").length;

// Moves the focus by so many results; from the first one up it goes back to the field.
function move(by) {
  const all = titles();
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : -1) : at + by;
  if (next < 0) return $("query").focus();
  all[Math.min(next, all.length - 1)]?.focus();
  all[Math.min(next, all.length - 1)]?.closest(".card").scrollIntoView({ block: "nearest" });
}

export function listen() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const typing = event.target.matches?.(TYPES);
    const closed = event.target.id === "query" && $("suggestions").hidden;
    if (event.key === "/" && !typing) {
      $("query").focus();
      $("query").select();
    } else if (event.key === "ArrowDown" && (!typing || closed)) move(columns());
    else if (event.key === "ArrowUp" && !typing) move(-columns());
    else if (event.key === "ArrowRight" && !typing && columns() > 1) move(1);
    else if (event.key === "ArrowLeft" && !typing && columns() > 1) move(-1);
    else return;
    event.preventDefault();
  });
}
