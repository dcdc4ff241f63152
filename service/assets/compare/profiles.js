// Saved profiles: saving side B, trials on a judged set, live tests, deleting.
import { $, button, element, listed, table } from "../common/dom.js";
import { number } from "../common/language.js";
import { reporting, say } from "../common/message.js";
import { call } from "../common/server.js";
import { rest, writing } from "../common/writing.js";
import { legCalled } from "../search/reasons/legs.js";
import { words } from "../texts/compare.js";
import { begin } from "./live.js";

const url = (collection, name = "") => `/collections/${encodeURIComponent(collection)}/profiles${name && `/${encodeURIComponent(name)}`}`;

export const load = (collection) => call(url(collection));

// Saves weights as a profile; every leg is named, so that it fuses as it was seen.
export const save = (collection, name, { ways, weights, method }) =>
  call(url(collection, name), { method, weights: Object.fromEntries(ways.map((way) => [way, weights[way] ?? 1])) }, "PUT");

// Draws the profiles of a collection. set(): the judged set for trials; again: loads and draws anew.
export function showProfiles(rows, { collection, set, again, admin }) {
  const t = words();
  const drawn = rows.map((row) => [
    row.profile,
    row.active ? t.inUse : t.notInUse,
    row.trees ? t.trees : weightsOf(row.weights),
    stand(row),
    element("div", "row", ...(admin && !row.active ? acts(row, { collection, set, again }) : [])),
  ]);
  $("profiles").replaceChildren(...listed(drawn, t.none, () => [table(t.columns, drawn)]));
  rest();
}

function weightsOf(weights) {
  const told = Object.entries(weights).map(([leg, weight]) => `${legCalled(leg)} ${number(weight, 2)}`);
  return told.join(", ") || words().allOne;
}

function stand({ trial, reason }) {
  if (!trial) return reason || "";
  return trial.error ? words().failed(trial.error) : words().waits(trial.query_set);
}

function acts(row, { collection, set, again }) {
  const act = (work) => () => writing(reporting(async () => {
    await work();
    await again();
  }, { where: $("told") }));
  const tried = act(async () => {
    if (!set()) return say(words().noSet, "", "error", $("told"));
    await call(`${url(collection, row.profile)}/trial`, { query_set: set(), source: "people" });
    say(words().queued(set()), "", "soft", $("told"));
  });
  const made = [
    row.trees ? "" : Object.assign(button("small", tried, words().tryIt), { title: words().tryAbout }),
    Object.assign(button("small", act(() => begin(collection, row.profile)), words().testLive), { title: words().liveAbout }),
    button("small", act(() => call(url(collection, row.profile), undefined, "DELETE")), words().drop),
  ].filter(Boolean);
  for (const one of made) one.dataset.writes = "";
  return made;
}
