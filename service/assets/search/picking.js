// Pictures to search by: chosen, taken with a camera, dropped or pasted.
import { $ } from "../common/dom.js";
import { texts } from "../common/language.js";

// take(file) begins the search by a picture; takes() says whether the collection can be asked with one.
export function pickPictures(take, takes) {
  for (const [name, input] of [["pick", $("picture")], ["shoot", $("camera")]]) {
    input.addEventListener("change", () => {
      take(input.files[0]);
      input.value = ""; // the same file can be chosen again
    });
    $(name).addEventListener("click", () => input.click());
  }
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      document.body.classList.toggle("dragging", takes());
    });
  }
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dragging"); });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    take(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => take([...event.clipboardData.files][0]));
}

// Draws the button that chooses a picture. takes: whether the collection can be asked with one.
export function drawPick(takes) {
  for (const name of ["pick", "shoot"]) Object.assign($(name), { disabled: !takes, title: takes ? "" : texts().noPictures });
}
