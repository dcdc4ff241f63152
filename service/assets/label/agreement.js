// Agreement of those who judged a set: alpha of all together, kappa of each two.
import { $, element, listed, table } from "../common/dom.js";
import { number } from "../common/language.js";
import { call } from "../common/server.js";
import { words } from "../texts/label.js";
import { judging } from "./places.js";

let found = null;

export async function look(set) {
  found = set ? await call(`${judging(set)}/agreement`) : null;
}

export function drawAgreement() {
  $("agreeing").hidden = !found?.together.items;
  if (!found?.together.items) return;
  const t = words();
  const { alpha, judges, items, votes } = found.together;
  const said = alpha === null ? t.noAlpha : t.alpha(number(alpha, 3), alpha >= 0.8 ? t.reliable : alpha >= 0.667 ? t.tentative : t.unreliable);
  const kappa = (value) => (value === null ? "–" : number(value, 3));
  const drawn = found.pairs.map((row) => [`${row.first} · ${row.second}`, row.items, `${number(100 * row.equal)} %`, kappa(row.kappa), kappa(row.weighted_kappa)]);
  $("agreement").replaceChildren(
    element("p", "", element("strong", "", said), " ", t.basis(judges, items, votes)),
    ...listed(drawn, "", () => [table(t.agreementColumns, drawn)]));
}
