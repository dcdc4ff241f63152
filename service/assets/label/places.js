// Places to judge: pairs of query set and collection, and the next query of one with items left.
import { call } from "../common/server.js";

export const judging = (set) => `/evaluation/sets/${encodeURIComponent(set)}`;

// Returns the first query after `after` with items left to judge, or null. again: judge of a second opinion, or "".
export async function found({ set, c, again = "" }, after = 0) {
  let last = after;
  for (;;) {
    const query = new URLSearchParams({ collection: c, after: last, ...(again && { judge: again }) });
    const next = await call(`${judging(set)}/next?${query}`);
    if (!next || next.items.length > 0) return next;
    last = next.query_id; // all its items are judged already
  }
}

// Lists pairs of set and collection that may have something to judge: the last choice, evaluated ones, all others.
export async function places(names, collections) {
  const runs = await call("/evaluation/runs?limit=50");
  const full = collections.filter((row) => row.items !== 0).map((row) => row.collection);
  const last = JSON.parse(localStorage.getItem("judging") || "{}");
  const all = [
    last,
    ...runs.map((run) => ({ set: run.query_set, c: run.collection })),
    ...names.flatMap((set) => full.map((c) => ({ set, c }))),
  ];
  const there = all.filter(({ set, c }) => names.includes(set) && collections.some((row) => row.collection === c));
  return [...new Map(there.map((one) => [`${one.set}\n${one.c}`, one])).values()];
}
