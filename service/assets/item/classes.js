// What the nearest items have under a metadata key: a class for the item, with votes.
import { element, fill, link, listed, table } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { failureBox } from "../common/message.js";
import { call } from "../common/server.js";
import { called, facetValue } from "../common/values.js";

const VOTERS = 10;
const KEYS = 16;
let found = null; // the answer of the server, or an error
let chosen = "";

// Draws the section; `keys` are metadata keys of the collection, the item's own first.
export function drawClasses(place, item, keys) {
  if (!item || !keys.length) return place.replaceChildren();
  const select = element("select");
  select.id = "class-key";
  fill(select, [["", texts().classes.choose], ...keys.map((key) => [key, called(key)])], chosen);
  select.addEventListener("change", async () => {
    chosen = select.value;
    found = chosen ? await classified(item) : null;
    drawClasses(place, item, keys);
  });
  const label = element("label", "", texts().classes.of, " ", select);
  place.replaceChildren(element("section", "", element("h2", "", texts().classes.title), label, ...answer(item)));
}

// Names of the metadata keys that items of a collection have.
export async function classKeys(item) {
  const rows = await call(`/collections/${encodeURIComponent(item.collection)}/facets?limit=${KEYS}`).catch(() => []);
  return [...new Set([...Object.keys(item.metadata), ...rows.map((row) => row.field)])];
}

const classified = (item) => call(`/collections/${encodeURIComponent(item.collection)}/classify`,
  { path: chosen, item: item.item_id, k: VOTERS }).catch((error) => ({ error }));

function answer(item) {
  if (!found) return [];
  if (found.error) return [failureBox(found.error)];
  const own = item.metadata[chosen];
  const said = texts().classes.voted(found.neighbours, found.k, found.space);
  return [element("p", "soft", own === undefined ? said : `${said} ${texts().classes.own(facetValue(chosen, String(own)))}`),
    ...listed(found.classes, texts().classes.none, (rows) => [table(texts().classes.columns, rows.map((row) => [
      facetValue(chosen, String(row.value)), number(row.share, 2), row.votes,
      element("span", "", ...row.item_ids.slice(0, 5).flatMap((id, at) => [at ? ", " : "", link(`/item?id=${id}`, "", row.external_ids[at])])),
    ]))])];
}
