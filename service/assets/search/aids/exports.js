// Results as a file: JSON as the server answered, or CSV for a spreadsheet.
import { $ } from "../../common/dom.js";
import { titleOf } from "../../common/values.js";

// A cell that begins like a formula would be run by a spreadsheet.
const quoted = (value) => `"${String(value ?? "").replace(/^([=+\-@\t\r])/, "'$1").replaceAll('"', '""')}"`;

// Returns a table with a row per hit: rank, id, title, score, then every key of the metadata.
export function csv(hits) {
  const keys = [...new Set(hits.flatMap((hit) => Object.keys(hit.metadata)))];
  const text = (value) => (value !== null && typeof value === "object" ? JSON.stringify(value) : value);
  const rows = hits.map((hit) => [hit.rank, hit.external_id, titleOf(hit)[1], hit.score, ...keys.map((key) => text(hit.metadata[key]))]);
  return [["rank", "external_id", "title", "score", ...keys], ...rows].map((row) => row.map(quoted).join(",")).join("\r\n");
}

// Sends the results that are shown to the browser as a file.
function send(name, type, text) {
  // Spreadsheets take a table without this mark for one of another encoding.
  const url = URL.createObjectURL(new Blob([type === "text/csv" ? `\ufeff${text}` : text], { type: `${type};charset=utf-8` }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

// answer(): the answer that is shown, or null.
export function listen(answer) {
  $("export-json").addEventListener("click", () => send("seogo.json", "application/json", JSON.stringify(answer(), null, 2)));
  $("export-csv").addEventListener("click", () => send("seogo.csv", "text/csv", csv(answer().hits)));
}
