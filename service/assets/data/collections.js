// Collections that are there: their index of words changed, or all of them deleted, with what it costs said before.
import { $, button, element, fill, listed, table } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { reporting } from "../common/message.js";
import { call } from "../common/server.js";
import { rest, writing } from "../common/writing.js";
import { words } from "../texts/data.js";
import { drawSettings, openSettings } from "./settings.js";
import { urlOf } from "./urls.js";

let rows = [];
let spaces = [];

// Loads and shows the collections to who may change them.
export async function manage(admin) {
  $("managing").hidden = !admin;
  if (!admin) return;
  [rows, spaces] = await Promise.all([call("/collections"), call("/generations")]);
  drawCollections();
}

export function drawCollections() {
  const t = words();
  const drawn = rows.map((row) => {
    const analyzer = element("select");
    analyzer.ariaLabel = t.analyzerOf(row.collection);
    const known = t.analyzers[row.analyzer] ? t.analyzers : { ...t.analyzers, [row.analyzer]: row.analyzer };
    fill(analyzer, Object.entries(known), row.analyzer);
    const weights = Object.assign(element("input"), { value: written(row.field_weights), ariaLabel: t.weightsOf(row.collection), placeholder: "title 2" });
    const change = act(t.change, () => changed(row, analyzer.value, weights.value));
    const more = button("small", reporting(() => openSettings(row)), t.settings);
    more.ariaLabel = t.settingsOf(row.collection);
    const items = row.items === null ? "" : texts().items(row.items);
    return [row.collection, items, analyzer, weights, element("div", "row wrapped", change, more, act(t.drop, () => dropped(row)))];
  });
  $("collections-there").replaceChildren(...listed(drawn, texts().noCollections, () => [table(t.collectionHeads, drawn)]));
  drawSettings();
  rest();
}

function act(name, work) {
  const made = button("small", () => writing(reporting(work)), name);
  made.dataset.writes = "";
  return made;
}

const written = (weights) => Object.entries(weights).sort((a, b) => b[1] - a[1]).map(([name, weight]) => `${name} ${weight}`).join(", ");

// Reads weights such as "title 2, body 0.5"; null where they are none.
function read(text) {
  const parts = text.split(",").map((part) => part.trim()).filter(Boolean).map((part) => part.match(/^(\S.*?)\s+(\d+(?:\.\d+)?)$/));
  return parts.includes(null) ? null : Object.fromEntries(parts.map(([, name, weight]) => [name, Number(weight)]));
}

async function changed(row, analyzer, text) {
  const t = words();
  const weights = read(text);
  if (weights === null) return told(t.badWeights);
  if (!confirm(t.changeSure(row.collection, number(row.items ?? 0)))) return;
  await call(urlOf(row.collection, "/settings"), { analyzer, field_weights: weights }, "PUT");
  const { job_id: id } = await call("/jobs", { task: "merge_postings" }).catch(() => ({})); // it may be queued already
  await manage(true);
  told(id ? t.reindexed(id) : t.reindexLater);
}

async function dropped(row) {
  const size = await call(urlOf(row.collection, "/size"));
  const counts = Object.fromEntries(Object.entries(size).map(([name, n]) => [name, number(n)]));
  if (!confirm(words().dropSure(row.collection, counts, again(row, size.items)))) return;
  await call(urlOf(row.collection), undefined, "DELETE");
  await openSettings(null);
  await manage(true);
  told(words().gone(row.collection, counts.items));
}

// Says how long it would take to make the vectors again, at the pace of the last minutes.
function again(row, items) {
  const fed = spaces.filter((one) => one.status === "live" && one.space in row.vector_sources);
  if (!fed.length || !items) return "";
  const paces = fed.map((one) => one.rate);
  if (!paces.every(Boolean)) return words().unknownMinutes;
  return words().minutes(number(Math.ceil(paces.reduce((sum, pace) => sum + items / pace, 0) / 60)));
}

const told = (text) => { $("changed").textContent = text; };
