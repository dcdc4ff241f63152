// Legs of a run beside each other: what two share, what one alone finds, what none does.
import { element, table } from "../common/dom.js";
import { number } from "../common/language.js";
import { said } from "../texts/evaluation.js";

const COUNTS = ["pairs", "found", "oracle", "several", "alone", "nowhere", "missed", "lifted"];

// Draws the table legs by legs and the sums. shown: the answer of /evaluation/runs/{id}/legs.
export function compared({ overlap, whole }) {
  if (!overlap.length) return [element("p", "soft", said("noLegs"))];
  const names = [...new Set(overlap.map((row) => row.leg))];
  const rows = names.map((leg) => [leg, ...names.map((other) => cell(overlap.find((row) => row.leg === leg && row.other === other)))]);
  return [table(["", ...names], rows), table(["", ""], [...COUNTS.map((key) => [said(key), whole[key]]), ...recalls(whole)])];
}

const cell = (row) => (row.leg === row.other
  ? element("b", "", number(row.found))
  : `${number(row.shared)} (${share(row.jaccard ?? 0)})`);

const share = (value) => `${number(100 * value, 0)} %`;

const recalls = (whole) => [
  [said("recall"), digits(whole.recall)],
  [said("oracle_recall"), digits(whole.oracle_recall)],
  [said("best"), whole.best_leg ? `${whole.best_leg} ${digits(whole.best_recall)}` : ""],
];

const digits = (value) => (value === null ? "" : value.toFixed(4));
