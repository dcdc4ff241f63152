// Relevance judgments by keyboard: each key writes at once, so that nothing is lost when the page is left.
import * as address from "../common/address.js";
import { $, button, element, fill, thumbnail } from "../common/dom.js";
import { plain, written } from "../common/formulas.js";
import { open, titled } from "../common/head.js";
import { texts } from "../common/language.js";
import { reporting, say } from "../common/message.js";
import { call, may } from "../common/server.js";
import { field, sized, titleOf } from "../common/values.js";
import { rest, writing, writingNext } from "../common/writing.js";
import { words } from "../texts/label.js";
import { drawAgreement, look } from "./agreement.js";
import { found, judging, places } from "./places.js";
import { drawQueries, load as loadQueries, make } from "./queries.js";

const TRIES = 12; // pairs of set and collection searched for something to judge
let sets = [];
let collections = [];
let task = null; // the query with its items to judge
let at = 0; // index of the item
let grades = []; // of the items before it
let skipped = 0;
let ended = false;
let writer = false;

const given = []; // grades of this visit, the last one is taken back first
const chosen = () => ({ set: $("set").value, c: $("collection").value });
const person = () => $("judge").value.trim();
const place = () => ({ ...chosen(), again: $("again").checked ? person() : "" });
const setNames = () => [...new Set(sets.map((row) => row.query_set))];

async function next(after = 0) {
  const { set, c } = chosen();
  if (!set || !c) return;
  if ($("again").checked && !person()) {
    [task, ended] = [null, false];
    draw();
    return say(words().againName, "", "large");
  }
  const came = await found(place(), after);
  if (set !== chosen().set || c !== chosen().c) return;
  shown(came);
}

function shown(came) {
  [task, at, grades, ended] = [came, 0, [], came === null];
  say("");
  draw();
  if (task) address.write({ ...chosen(), q: task.query_id }, { replace: true });
}

// Wraps an action that writes or leaves an item; after an error it can be tried again.
const shielded = (work) => reporting(work, { again: () => act(work) });

const act = (work) => writing(shielded(work));

async function grade(value) {
  if (!task) return;
  const asked = task;
  const item = task.items[at];
  const judge = person();
  const reason = $("reason").value.trim();
  const judgment = { query: asked.query, external_id: item.external_id, grade: value, ...(reason && { reason }) };
  const body = { judgments: [judgment], pool: asked.pool, ...(judge && { judge }) };
  await call(`${judging(chosen().set)}/judgments`, body, "PUT");
  say("");
  given.push({ ...chosen(), task: asked, at, grades: [...grades], body });
  $("reason").value = "";
  grades[at] = value;
  if (at + 1 < task.items.length) at += 1;
  else await next(asked.query_id - 1); // the same query again, in case it has more items
  draw();
  progressed(); // beside: the next grade does not wait for it
}

// Takes the last grade back, and shows its item again; a grade it replaced in this visit stands again.
async function undo() {
  const last = given.at(-1);
  if (!last) return say(words().nothingToUndo);
  const [{ query, external_id }] = last.body.judgments;
  const before = last.grades[last.at];
  if (before === undefined) {
    const of = new URLSearchParams({ query, external_id, ...(last.body.judge && { judge: last.body.judge }) });
    await call(`${judging(last.set)}/judgments?${of}`, undefined, "DELETE");
  } else {
    await call(`${judging(last.set)}/judgments`, { ...last.body, judgments: [{ query, external_id, grade: before }] }, "PUT");
  }
  given.pop();
  choose(last);
  [task, at, grades, ended] = [last.task, last.at, last.grades, false];
  draw();
  say(words().undone(external_id));
  progressed();
}

// Loads how far the set is judged; what it shows may be a little old when that fails.
async function progressed() {
  const { set } = chosen();
  await Promise.all([loadQueries(set), look(set)]).catch(() => {});
  drawBeside();
}

function drawBeside() {
  drawQueries(task?.query_id, (id) => act(() => next(id - 1)));
  drawAgreement();
}

async function skip() {
  const came = await found(place(), task.query_id);
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
  const names = setNames();
  fill($("set"), names.map((name) => [name, name]));
  fill($("collection"), sized(collections));
  $("where").hidden = names.length === 0;
  $("task").hidden = !task;
  $("making").hidden = !writer;
  $("sets").replaceChildren(...names.map((name) => Object.assign(element("option"), { value: name })));
  $("into").value ||= chosen().set;
  drawBeside();
  titled(task && plain(asked()), texts().label);
  if (task) drawTask();
  else if (names.length === 0 && ended) say(texts().noSets, texts().noSetsHint, "large");
  else if (ended) nothingLeft();
  rest();
}

function nothingLeft() {
  const { set, c } = chosen();
  if ($("again").checked) return say(words().nothingAgain, "", "large");
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

function choose({ set, c }) {
  $("set").value = set;
  $("collection").value = c;
}

// Opens the place in the address, or the first one with something to judge.
async function enter(values) {
  const named = sets.some((row) => row.query_set === values.set) && collections.some((row) => row.collection === values.c);
  if (named) {
    choose(values);
    progressed();
    return next(values.q ? Number(values.q) - 1 : 0);
  }
  const all = await places(setNames(), collections);
  for (const place of all.slice(0, TRIES)) {
    const came = await found(place).catch(() => null); // a query may be an item that the collection does not have
    if (!came) continue;
    choose(place);
    progressed();
    return shown(came);
  }
  if (all.length) choose(all[0]);
  progressed();
  return all.length ? next() : shown(null);
}

function changed() {
  skipped = 0;
  localStorage.setItem("judging", JSON.stringify(chosen()));
  address.write(chosen());
  task = null;
  draw();
  act(async () => {
    await next();
    progressed();
  });
}

const grading = (value) => () => task && act(() => grade(value));
const KEYS = { 0: grading(0), 1: grading(1), 2: grading(2), 3: grading(3), ArrowLeft: () => task && act(back), s: () => task && act(skip), u: () => act(undo), r: () => task && $("reason").focus() };

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = KEYS[event.key];
  if (!key) return;
  event.preventDefault();
  if (!event.repeat) key(); // a held key judges once
});
document.querySelectorAll("[data-grade]").forEach((one) => one.addEventListener("click", grading(Number(one.dataset.grade))));
$("back").addEventListener("click", KEYS.ArrowLeft);
$("skip").addEventListener("click", KEYS.s);
$("undo").addEventListener("click", KEYS.u);
$("reason").addEventListener("keydown", (event) => { if (["Enter", "Escape"].includes(event.key) && !event.isComposing) event.target.blur(); });
$("again").addEventListener("change", () => act(next));
$("where").addEventListener("submit", (event) => event.preventDefault());
$("make").addEventListener("submit", (event) => {
  event.preventDefault();
  act(added);
});
for (const name of ["set", "collection"]) $(name).addEventListener("change", changed);
$("judge").value = localStorage.getItem("judge") || "";
$("judge").addEventListener("change", () => localStorage.setItem("judge", $("judge").value));

// Adds queries, and begins to judge the set where nothing is being judged.
async function added() {
  let set;
  try {
    set = await make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return say(error.message, "", "error", $("made"));
  }
  $("made").className = "soft";
  sets = await call("/evaluation/sets");
  draw();
  const c = chosen().c || collections.reduce((most, row) => (row.items > most.items ? row : most), collections[0])?.collection;
  if (!task && c) {
    choose({ set, c });
    await next();
  }
  progressed();
}

async function load() {
  writer = await may("writer");
  [sets, collections] = await Promise.all([call("/evaluation/sets"), call("/collections")]);
  draw();
  say(texts().loading);
  await enter(address.read());
}

open("label", draw, words);
address.follow(() => writingNext(shielded(() => enter(address.read()))));
act(load);
