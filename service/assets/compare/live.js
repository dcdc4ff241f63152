// Live tests of profiles: answers to visitors are drafted from two fusions, and what is opened first decides.
import { $, button, element, listed, table } from "../common/dom.js";
import { moment, number } from "../common/language.js";
import { reporting } from "../common/message.js";
import { call } from "../common/server.js";
import { rest, writing } from "../common/writing.js";
import { words } from "../texts/compare.js";

const DECIDES = 20; // evidence that ends a test
const url = (collection) => `/collections/${encodeURIComponent(collection)}/live-tests`;

export const begin = (collection, profile) => call(url(collection), { profile });

export const load = (collection) => call(url(collection));

// Draws the tests of a collection; again: loads and draws anew, after one was stopped.
export function showLive(rows, { admin, again }) {
  const t = words();
  const drawn = rows.map((row) => [
    row.profile, row.rival || t.alike, `${number(100 * row.share)} %`, t.states[row.state],
    row.answers, row.wins, row.losses, bar(row), moment(row.started_at), admin && row.state === "running" ? stopper(row, again) : row.reason || "",
  ]);
  $("live").replaceChildren(...listed(drawn, t.noLive, () => [table(t.liveColumns, drawn)]));
  rest();
}

// A meter of the stronger of both evidences, on a scale where every doubling is a step.
function bar({ evidence, against, state }) {
  const t = words();
  const ahead = evidence >= against;
  const value = Math.max(evidence, against, 1);
  const told = ahead ? t.forIt(number(value, 1)) : t.againstIt(number(value, 1));
  const meter = Object.assign(element("meter"), { min: 0, max: 1, value: Math.min(1, Math.log(value) / Math.log(DECIDES)) });
  meter.ariaLabel = told;
  return element("span", "", state === "running" ? meter : "", " ", told);
}

function stopper(row, again) {
  const stop = () => writing(reporting(async () => {
    await call(`${url(row.collection)}/${row.test_id}/stop`, undefined, "POST");
    await again();
  }, { where: $("told") }));
  const made = button("small", stop, words().stop);
  made.dataset.writes = "";
  return made;
}
