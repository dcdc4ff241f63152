// Relevance judgments by keyboard: each key writes at once, so that nothing is lost when the page is left.
import * as address from "../common/address.js";
import { $, button, element, fill, thumbnail } from "../common/dom.js";
import { plain, written } from "../common/formulas.js";
import { open, titled } from "../common/head.js";
import { texts } from "../common/language.js";
import { reporting, say } from "../common/message.js";
import { call } from "../common/server.js";
import { field, titleOf } from "../common/values.js";
import { rest, writing, writingNext } from "../common/writing.js";

const TRIES = 12; // pairs of set and collection searched for something to judge
let sets = [];
let collections = [];
let task = null; // the query with its items to judge
let at = 0; // index of the item
let grades = []; // of the items before it
let skipped = 0;
let ended = false;

const chosen = () => ({ set: $("set").value, c: $("collection").value });
const judging = (set) => `/evaluation/sets/${encodeURIComponent(set)}`;

// Returns the first query after `after` with items left to judge, or null.
async function found({ set, c }, after = 0) {
  let last = after;
  for (;;) {
    const query = new URLSearchParams({ collection: c, after: last });
    const next = await call(`${judging(set)}/next?${query}`);
    if (!next || next.items.length > 0) return next;
    last = next.query_id; // all its items are judged already
  }
}

async function next(after = 0) {
  const { set, c } = chosen();
  if (!set || !c) return;
  const came = await found({ set, c }, after);
  if (set !== chosen().set || c !== chosen().c) return;
  shown(came);
}

function shown(came) {
  [task, at, grades, ended] = [came, 0, [], came === null];
  say("");
  draw();
}

// Wraps an action that writes or leaves an item; after an error it can be tried again.
const shielded = (work) => reporting(work, { again: () => act(work) });

const act = (work) => writing(shielded(work));

async function grade(value) {
  if (!task) return;
  const asked = task;
  const item = task.items[at];
  const judge = $("judge").value.trim();
  const judgment = { query: asked.query, external_id: item.external_id, grade: value };
  const body = { judgments: [judgment], pool: asked.pool, ...(judge && { judge }) };
  await call(`${judging(chosen().set)}/judgments`, body, "PUT");
  say("");
  grades[at] = value;
  if (at + 1 < task.items.length) at += 1;
  else await next(asked.query_id - 1); // the same query again, in case it has more items
  draw();
}

async function skip() {
  const came = await found(chosen(), task.query_id);
  skipped += 1;
  shown(came);
}

async function startOver() {
  skipped = 0;
  await next();
}

function back() {
  if (at > 0) at -= 1;
  draw();
}

function draw() {
  const names = [...new Set(sets.map((row) => row.query_set))];
  fill($("set"), names.map((name) => [name, name]));
  fill($("collection"), collections.map((row) => [row.collection, `${row.collection} (${texts().items(row.items)})`]));
  $("where").hidden = names.length === 0;
  $("task").hidden = !task;
  titled(task && plain(asked()), texts().label);
  if (task) drawTask();
  else if (names.length === 0 && ended) say(texts().noSets, texts().noSetsHint, "large");
  else if (ended) nothingLeft();
  rest();
}

function nothingLeft() {
  const { set, c } = chosen();
  say(texts().allJudged, skipped ? texts().skippedN(skipped) : texts().allJudgedHint(set, c), "large");
  if (skipped) $("message").append(button("small", () => act(startOver), texts().startOver));
}

const asked = () => task.text || texts().likeItem(task.like || `#${task.picture_id}`);

function drawTask() {
  const item = task.items[at];
  const [titleName, title] = titleOf(item);
  $("asked").replaceChildren(...written(asked()));
  $("asked-picture").replaceChildren(...(task.picture_id ? [thumbnail(task, texts().askedPicture)] : []));
  $("place").textContent = texts().place(at + 1, task.items.length, task.open);
  $("bar-of-items").max = task.items.length;
  $("bar-of-items").value = at;
  $("candidate").replaceChildren(
    ...item.pictures.slice(0, 3).map((picture) => thumbnail(picture, plain(title))),
    element("h2", "", ...written(title)),
    element("p", "key", item.external_id),
    ...Object.entries(item.fields).filter(([name, text]) => name !== titleName && text).map(([name, text]) => field(name, text)),
  );
  for (const one of document.querySelectorAll("[data-grade]")) {
    one.ariaPressed = String(grades[at] === Number(one.dataset.grade));
  }
}

// Lists pairs of set and collection that may have something to judge: the last choice, evaluated ones, all others.
async function places() {
  const runs = await call("/evaluation/runs?limit=50");
  const names = [...new Set(sets.map((row) => row.query_set))];
  const full = collections.filter((row) => row.items > 0).map((row) => row.collection);
  const last = JSON.parse(localStorage.getItem("judging") || "{}");
  const all = [
    last,
    ...runs.map((run) => ({ set: run.query_set, c: run.collection })),
    ...names.flatMap((set) => full.map((c) => ({ set, c }))),
  ];
  const there = all.filter(({ set, c }) => names.includes(set) && collections.some((row) => row.collection === c));
  return [...new Map(there.map((one) => [`${one.set}\n${one.c}`, one])).values()];
}

function choose({ set, c }) {
  $("set").value = set;
  $("collection").value = c;
}

// Opens the place in the address, or the first one with something to judge.
async function enter(values) {
  const named = sets.some((row) => row.query_set === values.set) && collections.some((row) => row.collection === values.c);
  if (named) {
    choose(values);
    return next();
  }
  const all = await places();
  for (const place of all.slice(0, TRIES)) {
    const came = await found(place).catch(() => null); // a query may be an item that the collection does not have
    if (!came) continue;
    choose(place);
    address.write(chosen(), { replace: true });
    return shown(came);
  }
  if (all.length) choose(all[0]);
  return all.length ? next() : shown(null);
}

function changed() {
  skipped = 0;
  localStorage.setItem("judging", JSON.stringify(chosen()));
  address.write(chosen());
  task = null;
  draw();
  act(next);
}

const grading = (value) => () => task && act(() => grade(value));
const KEYS = { 0: grading(0), 1: grading(1), 2: grading(2), 3: grading(3), ArrowLeft: () => task && act(back), s: () => task && act(skip) };

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = KEYS[event.key];
  if (!key) return;
  event.preventDefault();
  if (!event.repeat) key(); // a held key judges once
});
document.querySelectorAll("[data-grade]").forEach((one) => one.addEventListener("click", grading(Number(one.dataset.grade))));
$("back").addEventListener("click", KEYS.ArrowLeft);
$("skip").addEventListener("click", KEYS.s);
for (const name of ["set", "collection"]) $(name).addEventListener("change", changed);
$("judge").value = localStorage.getItem("judge") || "";
$("judge").addEventListener("change", () => localStorage.setItem("judge", $("judge").value));

async function load() {
  [sets, collections] = await Promise.all([call("/evaluation/sets"), call("/collections")]);
  draw();
  say(texts().loading);
  await enter(address.read());
}

open("label", draw);
address.follow(() => writingNext(shielded(() => enter(address.read()))));
act(load);
