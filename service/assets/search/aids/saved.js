// Searches that somebody saved in this browser: names with the address of each.
import { fragment } from "../../common/address.js";
import { $, button, element, link } from "../../common/dom.js";
import { texts } from "../../common/language.js";

const PLACE = "searches";
const MOST = 50;

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(PLACE) || "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one?.name === "string" && typeof one?.hash === "string" && one.hash.startsWith("#")) : [];
  } catch {
    return []; // somebody else wrote there
  }
}

function write(rows) {
  localStorage.setItem(PLACE, JSON.stringify(rows.slice(0, MOST)));
  draw();
}

// Draws the saved searches, the latest first.
export function draw() {
  const rows = read();
  $("saved").hidden = rows.length === 0;
  $("saved-list").replaceChildren(...rows.map(({ name, hash }) => {
    const drop = button("small", () => write(read().filter((one) => one.hash !== hash)), "✕");
    drop.ariaLabel = texts().savedDrop(name);
    return element("li", "", link(hash, "", name), drop);
  }));
}

// name(), values(): what the search that is shown is called, and its state.
export function listen(name, values) {
  $("save-search").addEventListener("click", () => {
    const hash = fragment(values());
    if (hash) write([{ name: name(), hash }, ...read().filter((one) => one.hash !== hash)]);
  });
  draw();
}
