// Queries of a set: made by words or a picture, listed with how far they are judged.
import { $, button, element, listed, table, thumbnail } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { call } from "../common/server.js";
import { words } from "../texts/label.js";
import { judging } from "./places.js";

let rows = null; // of the shown set

// Adds a query for each line, and one for the picture. Returns the name of the set.
export async function make() {
  const set = $("into").value.trim();
  const lines = $("lines").value.split("\n").map((line) => line.trim()).filter(Boolean);
  const [file] = $("by-picture").files;
  if (!lines.length && !file) throw new RangeError(words().nothingAsked);
  const asked = lines.map((query) => ({ query }));
  if (file) asked.push({ picture: { base64: await encoded(file) } });
  for (const one of asked) await call(`${judging(set)}/queries`, one);
  $("lines").value = "";
  $("by-picture").value = "";
  $("made").textContent = words().added(number(asked.length), set);
  return set;
}

async function encoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

export async function load(set) {
  rows = set ? await call(`${judging(set)}/queries`) : null;
}

// Draws the list. current: id of the query that is shown; go(query_id): judges one.
export function drawQueries(current, go) {
  $("progress-of-set").hidden = !rows?.length;
  if (!rows?.length) return;
  const t = words();
  const begun = rows.filter((row) => row.judged > 0).length;
  $("judged-n").textContent = t.judgedOf(number(begun), number(rows.length));
  Object.assign($("bar-of-queries"), { max: rows.length, value: begun });
  const drawn = rows.map((row) => [asked(row), number(row.judged), number(row.relevant), row.judges.join(", "), button("small", () => go(row.query_id), t.judgeThis)]);
  $("queries").replaceChildren(...listed(drawn, "", () => [table(t.queryColumns, drawn)]));
  [...$("queries").querySelectorAll("tbody tr")].forEach((line, at) => { if (rows[at].query_id === current) line.ariaCurrent = "true"; });
}

function asked(row) {
  const text = row.text || (row.item ? texts().likeItem(row.item) : "");
  const [shown, alt] = [row.picture_id ? row : null, text || texts().askedPicture];
  return element("span", "", shown ? thumbnail(shown, alt) : "", shown && text ? " " : "", text);
}
