// Judging in place: grades of the items of both lists for the query asked, and what each list is worth by them.
import { $, button, element } from "../common/dom.js";
import { number } from "../common/language.js";
import { reporting } from "../common/message.js";
import { call } from "../common/server.js";
import { writing } from "../common/writing.js";
import { words } from "../texts/compare.js";

const GRADES = [0, 1, 2, 3];
let known = { external_id: null, grades: {}, measured: {} };

const url = (set) => `/evaluation/sets/${encodeURIComponent(set)}`;

// Loads the grades of a query, and the measures of the two lists; a set that is not there has none.
export async function look(set, query, rankings) {
  known = { external_id: null, grades: {}, measured: {} };
  if (!set || !query) return;
  try {
    known = await call(`${url(set)}/answers`, { query, rankings });
  } catch (error) {
    if (error.status !== 404) throw error;
  }
}

// Shows what the lists are worth.
export function showMeasures() {
  const value = (side) => number(known.measured[side]?.["nDCG@10"] ?? 0, 4);
  const judged = Object.keys(known.measured).length > 0;
  $("measured").textContent = judged ? words().measured(value("a"), value("b")) : words().unjudged;
}

// The buttons that grade a hit. again: draws the lists anew.
export function gradeButtons(hit, { set, query, again }) {
  const given = known.grades[hit.external_id];
  const buttons = GRADES.map((grade) => {
    const act = () => writing(reporting(async () => {
      await judge(set, query, hit.external_id, grade);
      await again();
    }));
    const made = button("", act, String(grade));
    made.dataset.writes = "";
    return Object.assign(made, { ariaPressed: String(given === grade), ariaLabel: words().grade(grade), title: words().grade(grade) });
  });
  const group = element("div", "grades", ...buttons);
  group.role = "group";
  return [group];
}

async function judge(set, query, externalId, grade) {
  const asked = known.external_id ?? (await call(`${url(set)}/queries`, { query })).query;
  await call(`${url(set)}/judgments`, { judgments: [{ query: asked, external_id: externalId, grade }], pool: "compare" }, "PUT");
}
