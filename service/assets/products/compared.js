// What a new memory bank changed: pictures of known labels under it and under the one before, and those judged otherwise.
import { element, link, table } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import * as names from "../defects/names.js";
import { told } from "../texts/defects.js";

const shownAs = (product, label) => (label === "normal" ? texts().normalName : names.defectName(product, label));

// Creates the comparison of a live bank with the one before; without one, how to make it where there are two banks.
export function comparison(bank, banks) {
  const t = told().compared;
  const older = banks.some((one) => one.product === bank.product && one.view === bank.view && one.status === "retired" && one.patches);
  const found = bank.report.compared;
  if (!found) {
    return older ? element("p", "soft", t.none, " ", element("code", "", `seogo defects bank compare ${bank.product} --view ${bank.view}`)) : "";
  }
  const rows = Object.entries(found.groups).map(([label, group]) => [shownAs(bank.product, label), group.pictures, group.before, group.after]);
  const made = element("details", "", element("summary", "", t.title(found.before, found.after, number(found.changed))),
    element("p", "soft", t.about), table(t.columns(found.before, found.after), rows));
  if (found.changes.length) made.append(element("h4", "", t.changed), element("ul", "", ...found.changes.map((one) => change(bank.product, one))));
  if (found.changed > found.changes.length) made.append(element("p", "soft", t.more(number(found.changed - found.changes.length))));
  return made;
}

function change(product, one) {
  const t = told().compared;
  const [href, name] = one.item_id ? [`/item?id=${one.item_id}`, t.item(one.item_id)] : [`/defects#a=${one.analysis_id}`, texts().analysisN(one.analysis_id)];
  return element("li", "", link(href, "", name), ` ${t.change(shownAs(product, one.label), texts().verdicts[one.before], texts().verdicts[one.after])}`);
}
