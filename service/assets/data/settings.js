// Settings of one collection: where part numbers stand, what spaces embed, names of keys, pins and synonyms. Each says what
// it costs before it is changed.
import { $, button, element } from "../common/dom.js";
import { number } from "../common/language.js";
import { failureBox } from "../common/message.js";
import { call } from "../common/server.js";
import { nameKeys } from "../common/values.js";
import { rest, writing } from "../common/writing.js";
import { manage as follow, showManaged } from "../search/managed.js";
import { words } from "../texts/data.js";
import { drawNames, loadNames } from "./naming.js";
import { urlOf } from "./urls.js";
import { drawVectors, loadVectors } from "./vectors.js";

let shown = null; // the row of the collection

// Opens the settings of a collection, or closes them: null.
export async function openSettings(row) {
  shown = row;
  $("settings").hidden = !row;
  if (!row) return;
  say("");
  await Promise.all([loadVectors(row), loadNames(row)]);
  drawSettings();
  $("settings").scrollIntoView({ block: "start" });
}

// Draws them anew, after a change of language too.
export function drawSettings() {
  if (!shown) return;
  $("settings-title").textContent = words().settingsOf(shown.collection);
  nameKeys(shown.labels);
  drawNumbers();
  drawSpaces();
  drawNames($("names"), () => shown, acting);
  showManaged(shown.collection, again);
  rest();
}

const drawSpaces = () => drawVectors($("vectors"), shown, (work) => acting(work, async () => {
  await loadVectors(shown);
  drawSpaces();
}));

const again = async () => showManaged(shown.collection, again);
const say = (text) => { $("settings-told").textContent = text; };

// Returns an action that writes: work() resolves to what is told then, null: nothing was done. redraw() draws its own part
// anew, so that what is typed in the others stays.
const acting = (work, redraw = () => {}) => () => writing(async () => {
  try {
    const told = await work();
    if (told === null) return;
    shown = await call(urlOf(shown.collection));
    await redraw();
    say(told);
  } catch (error) {
    $("settings-told").replaceChildren(failureBox(error));
  }
});

// The fields in which part numbers stand: read from all items, once changed.
function drawNumbers() {
  const t = words();
  const input = Object.assign(element("input"), { value: shown.identifier_fields.join(", "), placeholder: "part_number, model" });
  const change = button("small", acting(async () => {
    const fields = input.value.split(",").map((one) => one.trim()).filter(Boolean);
    if (!confirm(t.numbersSure(shown.collection, number(shown.items ?? 0)))) return null;
    await call(urlOf(shown.collection, "/settings"), { identifier_fields: fields }, "PUT");
    return t.numbersDone;
  }, drawNumbers), t.change);
  change.dataset.writes = "";
  $("numbers").replaceChildren(element("div", "row wrapped", element("label", "wide", t.numbersIn, input), change), element("p", "soft", t.numbersAbout));
}

$("settings-close").addEventListener("click", () => openSettings(null));
follow(() => shown?.collection, again);
