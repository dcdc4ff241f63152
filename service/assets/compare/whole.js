// The two fusions on all queries of a judged set: both are asked, and compared query by query.
import { $, element, link, listed, table } from "../common/dom.js";
import { number } from "../common/language.js";
import { Failure, call } from "../common/server.js";
import { events } from "../common/stream.js";
import { words } from "../texts/compare.js";
import { fusionOf } from "./sides.js";

const MEASURE = "nDCG@10";
const SHOWN = 5;
const LEAST = 10; // queries, for a verdict
const ALPHA = 0.05;
let found = null; // the comparison with its runs

// Asks a set by both sides, and shows the difference. sides: { a, b } with choice, weights and method.
export async function measure({ collection, set, ways, sides }) {
  found = null;
  drawWhole();
  const runs = [];
  for (const [at, name] of ["a", "b"].entries()) {
    runs.push(await run({ collection, query_set: set, label: words().runLabel(name.toUpperCase()), ...fusionOf(sides[name], ways) }, at));
  }
  const query = new URLSearchParams({ other: runs[1].run_id, measure: MEASURE, source: "people", shown: SHOWN });
  const [compared] = await call(`/evaluation/runs/${runs[0].run_id}/comparison?${query}`);
  found = { ...compared, runs };
  drawWhole();
}

async function run(body, at) {
  for await (const { name, data } of events("/evaluation/runs", body)) {
    if (name === "problem") throw new Failure(data.status, data);
    if (name === "end") return data;
    const all = 2 * data.all;
    Object.assign($("asked"), { hidden: false, max: all || 1, value: at * data.all + data.done });
    $("asked-n").textContent = `${number(at * data.all + data.done)} / ${number(all)}`;
  }
  throw new TypeError("the stream ended early");
}

// Draws the difference; nothing before it is known.
export function drawWhole() {
  $("difference").replaceChildren(...(found ? drawn(found) : []));
}

function drawn({ comparison, losses, gains, runs }) {
  const t = words();
  const { difference: { mean, low, high }, means, p_randomisation: p, wins, losses: lost, ties, queries } = comparison;
  const signed = (value) => (value < 0 ? "\u2212" : "+") + number(Math.abs(value), 4);
  // The interval of a few queries is too narrow, whatever it says: the guard of trials wants as many.
  const shown = queries >= LEAST && p < ALPHA;
  const verdict = shown && low > 0 ? t.better : shown && high < 0 ? t.worse : t.noDifference;
  const rows = [...losses, ...gains.toReversed()].map((one) => [one.query, number(one.before, 4), number(one.after, 4)]);
  return [
    element("p", "difference", element("strong", "", verdict), " ", t.measured(number(means[0], 4), number(means[1], 4))),
    element("p", "", t.interval(MEASURE, signed(mean), signed(low), signed(high), queries), " ", t.chance(number(p, 4))),
    element("p", "soft", t.counted(wins, lost, ties), " ", ...runs.flatMap((one) => [link(`/evaluation#run=${one.run_id}`, "", `#${one.run_id}`), " "])),
    ...(queries < LEAST ? [element("p", "notice", t.few(queries))] : []),
    ...(rows.length ? listed(rows, "", () => [table(t.changeColumns, rows)]) : []),
  ];
}
