// Labels that would change most: inspected pictures of a product that are uncertain and unlike each other.
import { $, element, listed, table } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { call } from "../common/server.js";
import { told } from "../texts/defects.js";
import { opener } from "./opener.js";
import * as names from "./names.js";

const SHOWN = 20;
let rows = null;
let of = ""; // the product

// Loads those of a product; without a name, of the first.
export async function loadNext(name) {
  of = name || names.known()[0]?.product || "";
  rows = of ? await call(`/defects/next-labels?${new URLSearchParams({ product: of, k: SHOWN })}`) : [];
}

export function drawNext() {
  if (!rows) return;
  $("next-of").textContent = of ? told().nextOf(names.productName(of), number(rows[0]?.waiting ?? 0)) : "";
  $("next").replaceChildren(...listed(rows, texts().nothingToLabel, () => [table(told().nextColumns, rows.map((row) => [
    opener(row.analysis_id), element("span", `verdict ${row.verdict}`, texts().verdicts[row.verdict]),
    row.score === null || !row.threshold ? "" : number(row.score / row.threshold, 2), `${number(row.uncertainty * 100)} %`, says(row)]))]));
}

// Says for how many others a label would speak.
function says({ covers, alarms, passes }) {
  const parts = [covers > 1 && told().covers(number(covers - 1)), alarms && told().coversAlarms(number(alarms)), passes && told().coversPasses(number(passes))];
  return element("span", "", parts.filter(Boolean).join(" · "));
}
