// History of the readings of an item's pictures, fetched when it is unfolded: who read what, when, and with what result.
import { element, listed, table } from "../common/dom.js";
import { moment, number, texts } from "../common/language.js";
import { loaded, translated } from "../common/message.js";
import { call } from "../common/server.js";
import { called } from "../common/values.js";
import { about } from "../texts/item.js";

let unfolded = false;

// Draws the section; nothing where the item has no pictures.
export function drawHistory(place, item) {
  if (!item.media.some((media) => media.picture_id)) return place.replaceChildren();
  const box = element("div");
  const section = element("details", "", element("summary", "", about().history), box);
  section.addEventListener("toggle", () => {
    unfolded = section.open;
    if (unfolded && !box.childElementCount) loaded(box, () => fillHistory(box, item));
  });
  section.open = unfolded;
  place.replaceChildren(section);
}

async function fillHistory(box, item) {
  const rows = await call(`/items/${item.item_id}/readings`);
  box.replaceChildren(element("p", "soft", about().historyAbout),
    ...listed(rows, about().noHistory, () => [table(about().historyColumns, rows.map(line))]));
}

function line(row) {
  return [row.picture_id ? `${called(row.role)} #${row.picture_id}` : about().allPictures,
    called(row.kind, "KINDS"), stateOf(row), whoOf(row),
    row.read_at ? moment(row.read_at) : about().askedAt(moment(row.asked_at)), element("div", "", ...result(row))];
}

function stateOf(row) {
  const retry = row.state === "failed" && row.next_attempt_at ? about().againAt(moment(row.next_attempt_at)) : "";
  return [texts().readings[row.state], row.attempts > 1 ? about().attempts(row.attempts) : "", retry].filter(Boolean).join(" · ");
}

const whoOf = (row) => [row.reader || (row.wanted === "auto" ? about().auto : row.wanted), row.prompt,
  row.latency_ms ? about().took(number(row.latency_ms / 1000, 1)) : ""].filter(Boolean).join(" · ");

function result(row) {
  const lines = row.lines === null || row.state !== "read" ? [] : [element("p", "", about().linesN(number(row.lines)))];
  if (row.content) lines.push(element("p", "", row.content));
  if (row.error) lines.push(element("p", "wrong", translated(row.error)));
  lines.push(...row.notes.map((note) => element("p", "soft", translated(note))));
  lines.push(...row.tried.map((one) => element("p", "soft", about().tried(one.captioner, translated(one.error)))));
  return lines;
}
