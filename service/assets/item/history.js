// History of the readings of an item's pictures, fetched when it is unfolded: who read what, when, and with what result.
import { differences } from "../common/differences.js";
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
  const url = `/items/${item.item_id}/readings`;
  const [rows, before] = await Promise.all([call(url), call(`${url}/earlier`)]);
  box.replaceChildren(element("p", "soft", about().historyAbout),
    ...listed(rows, about().noHistory, () => [table(about().historyColumns, rows.map(line))]),
    ...(before.length ? [element("h2", "", about().earlier), element("ol", "earlier", ...before.map((row, at) => earlier(row, before[at - 1], item)))] : []));
}

// A text that was read before, with what became of it. later: the row before, which replaced it where it is of the same
// picture and kind; otherwise what is in force did.
function earlier(row, later, item) {
  const media = item.media.find((one) => one.picture_id === row.picture_id);
  const now = row.kind === "ocr" ? media?.lines.map((one) => one.text).join("\n") : media?.caption;
  const next = later && later.picture_id === row.picture_id && later.kind === row.kind ? later.content : now;
  const who = [`${called(media?.role ?? "photo")} #${row.picture_id}`, called(row.kind, "KINDS"), row.reader, row.prompt].filter(Boolean);
  return element("li", "", element("p", "soft", who.join(" · "), " · ", about().readFrom(moment(row.read_at), moment(row.replaced_at))),
    element("details", "", element("summary", "", about().itsText), element("p", "value read-text", row.content || about().noText)),
    element("details", "", element("summary", "", about().whatChanged), element("p", "value read-text", ...differences(row.content, next ?? ""))));
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
