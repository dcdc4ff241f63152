// Pictures of a batch as a table: verdict, score beside the threshold, what it looks like.
import { element, listed, table } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { translated } from "../common/message.js";
import { defectName, productName, said, viewName } from "../defects/names.js";
import { opener } from "../defects/opener.js";
import { told } from "../texts/defects.js";

export const FILTERS = ["all", "defect", "normal", "unknown", "waiting", "refused", "gone"];
const PAGE = 100;
const MOST = 3; // times the threshold at the end of a bar

// The filter that a picture belongs to.
export const kindOf = (row) => (row.state === "inspected" ? row.verdict || "gone" : row.state);

// Draws the first pages of the rows and returns how many are shown. before: how many were asked for.
export function drawRows(where, rows, reasons, before) {
  const upto = Math.min(rows.length, Math.max(1, Math.ceil(before / PAGE)) * PAGE);
  where.replaceChildren(...listed(rows, told().noRows, () => [
    table(told().rowColumns, rows.slice(0, upto).map((row) => cells(row, reasons))),
    element("p", "soft", told().shownOf(number(upto), number(rows.length)))]));
  return upto;
}

function cells(row, reasons) {
  const kind = kindOf(row);
  const verdict = element("span", `verdict ${kind}`, told().filters[kind] && texts().verdicts[kind] || told().filters[kind]);
  if (!row.analysis_id || kind === "gone") {
    return ["", row.place, verdict, translated(reasons.get(row.place) || ""), "", ""];
  }
  const guess = row.guess?.product ?? row.guess?.view;
  const subject = `${productName(row.product)} · ${viewName(row.view)}${typeof guess === "number" ? told().guessedShare(number(guess * 100)) : ""}`;
  return [opener(row.analysis_id, ""), element("span", "", row.place, element("div", "soft", subject), ...(row.degraded || []).map((reason) => element("div", "soft", translated(reason)))),
    verdict, times(row), defectName(row.product, row.defect), said(row)];
}

// Creates a bar of the score in multiples of the threshold, which is a mark on it.
function times(row) {
  if (row.score === null || !row.threshold) return "";
  const ratio = row.score / row.threshold;
  const fill = element("span", `fill ${ratio > 1 ? "hot" : ""}`);
  fill.style.width = `${Math.min(ratio / MOST, 1) * 100}%`;
  const mark = element("span", "mark");
  mark.style.left = `${100 / MOST}%`;
  return element("span", "times", element("span", "meter", fill, mark), element("span", "", number(ratio, 2)));
}
