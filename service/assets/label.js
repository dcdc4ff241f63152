// Judging by keyboard: each key writes at once, so that nothing is lost and the next page goes on.
import { $, call, element, open, say, showFailure, texts, thumbnail, titleOf } from "./common.js";

let sets = [];
let collections = [];
let task = null; // the query with what is to be judged
let at = 0; // which item
let grades = []; // of the items before it
let ended = false;

const chosen = () => ({ set: $("set").value, collection: $("collection").value, judge: $("judge").value.trim() });

async function next(after = 0) {
  const { set, collection } = chosen();
  if (!set || !collection) return;
  const query = new URLSearchParams({ collection, after });
  try {
    task = await call(`/evaluation/sets/${encodeURIComponent(set)}/next?${query}`);
    // All that was found is judged already: on to the next.
    while (task && task.items.length === 0) {
      query.set("after", task.query_id);
      task = await call(`/evaluation/sets/${encodeURIComponent(set)}/next?${query}`);
    }
    [at, grades, ended] = [0, [], task === null];
    say("");
    draw();
  } catch (error) {
    showFailure(error);
  }
}

async function grade(value) {
  if (!task) return;
  const { set, judge } = chosen();
  const item = task.items[at];
  const judgment = { query: task.query, external_id: item.external_id, grade: value };
  try {
    const body = { judgments: [judgment], pool: task.pool, ...(judge && { judge }) };
    await call(`/evaluation/sets/${encodeURIComponent(set)}/judgments`, body, "PUT");
    say("");
    grades[at] = value;
    at += 1;
    if (at < task.items.length) draw();
    else await next(task.query_id - 1); // the same query once more, in case there is more to it
  } catch (error) {
    showFailure(error);
  }
}

function back() {
  if (at > 0) at -= 1;
  draw();
}

function draw() {
  const names = [...new Set(sets.map((row) => row.query_set))];
  fill($("set"), names);
  fill($("collection"), collections.map((row) => row.collection));
  $("task").hidden = !task;
  if (!task) {
    if (names.length === 0) say(texts().noSets, texts().noSetsHint, "large");
    else if (ended) say(texts().allJudged, "", "large");
    return;
  }
  const item = task.items[at];
  const [titleName, title] = titleOf(item);
  $("asked").textContent = task.text || texts().likeItem(task.like || `#${task.picture_id}`);
  $("asked-picture").replaceChildren(...(task.picture_id ? [thumbnail(task, texts().askedPicture)] : []));
  $("place").textContent = texts().place(at + 1, task.items.length, task.open);
  $("bar-of-items").max = task.items.length;
  $("bar-of-items").value = at;
  $("candidate").replaceChildren(
    ...item.pictures.slice(0, 3).map((picture) => thumbnail(picture, title)),
    element("h2", "", title),
    element("p", "key", item.external_id),
    ...Object.entries(item.fields).filter(([name, text]) => name !== titleName && text).map(([name, text]) => {
      const box = element("div", "field");
      box.append(element("span", "name", name), element("p", "value", text));
      return box;
    }),
  );
  for (const button of document.querySelectorAll("[data-grade]")) {
    button.ariaPressed = String(grades[at] === Number(button.dataset.grade));
  }
}

function fill(select, names) {
  if (select.options.length === names.length) return;
  select.replaceChildren(...names.map((name) => new Option(name, name)));
}

const KEYS = { 0: () => grade(0), 1: () => grade(1), 2: () => grade(2), 3: () => grade(3), ArrowLeft: back, s: () => task && next(task.query_id) };

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
document.querySelectorAll("[data-grade]").forEach((button) => {
  button.addEventListener("click", () => grade(Number(button.dataset.grade)));
});
$("back").addEventListener("click", back);
$("skip").addEventListener("click", () => task && next(task.query_id));
for (const name of ["set", "collection"]) $(name).addEventListener("change", () => next());
$("judge").value = localStorage.getItem("judge") || "";
$("judge").addEventListener("change", () => localStorage.setItem("judge", $("judge").value));

open("label", draw);
try {
  [sets, collections] = await Promise.all([call("/evaluation/sets"), call("/collections")]);
  draw();
  await next();
} catch (error) {
  showFailure(error);
}
