// Servers over which collections are spread: whether each answers, what it has, and how far its vectors are.
import { element, table } from "../common/dom.js";
import { number } from "../common/language.js";
import { words } from "../texts/admin.js";

export function shardTable(rows) {
  const t = words();
  return table(t.shardColumns, rows.map((row) => [
    row.shard,
    row.answers ? t.answers(Math.round(row.ms)) : element("strong", "", t.silent),
    row.collections.join(", "),
    row.answers ? number(row.items) : "?",
    row.answers ? vectors(row) : row.trouble,
    row.answers ? t.megabytes(number(Math.round(row.bytes / 1e6))) : "?",
    row.answers ? number(row.workers) : "?",
  ]));
}

function vectors({ fresh, waiting, failed }) {
  const t = words();
  return [t.freshN(number(fresh)), waiting ? t.waits(number(waiting)) : "", failed ? t.failed(number(failed)) : ""].filter(Boolean).join(" · ");
}
