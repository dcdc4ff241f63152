// Contradictions of a collection: found now or by the schedule, accepted or mended by people.
import * as address from "../common/address.js";
import { $, button, element, fill, link, listed, thumbnail } from "../common/dom.js";
import { open, titled } from "../common/head.js";
import { moment, texts } from "../common/language.js";
import { reporting, say } from "../common/message.js";
import { call, may } from "../common/server.js";
import { sized } from "../common/values.js";
import { rest, writing, writingNext } from "../common/writing.js";
import { told } from "../texts/quality.js";

const PAGE = 30;
let collections = [];
let report = null; // counts, latest run, what could not be judged
let rows = [];
let writer = true;

const chosen = () => ({ c: $("collection").value, rule: $("rule").value, state: $("state").value });
const of = (path) => `/collections/${encodeURIComponent(chosen().c)}/${path}`;
const act = (work) => writing(reporting(work, { again: () => act(work) }));

function choices() {
  fill($("collection"), sized(collections));
  fill($("rule"), [["", told().every], ...Object.entries(told().rules)]);
  fill($("state"), Object.entries(told().states));
  $("where").hidden = collections.length === 0;
}

function draw() {
  choices();
  titled(texts().quality);
  $("about").hidden = !report;
  if (report) {
    about();
    $("found").replaceChildren(...listed(rows, told().none, () => rows.map(card)));
  }
  rest();
}

function about() {
  const sum = (state) => report.counts.filter((row) => row.state === state).reduce((n, row) => n + row.n, 0);
  const run = report.run;
  const when = run ? told().judged(run.counts.judged || 0, moment(run.updated_at)) : told().never;
  $("counted").textContent = `${told().counts(sum("open"), sum("accepted"), sum("mended"))} · ${when}`;
  $("judge-now").textContent = told().judgeNow;
  $("judge-now").hidden = !writer;
  const [summary, list] = $("unjudged").children;
  $("unjudged").hidden = report.unjudged.length === 0;
  summary.textContent = told().unjudged(report.unjudged.length);
  list.replaceChildren(element("ul", "", ...report.unjudged.map((row) =>
    element("li", "", `${told().rules[row.rule]}: ${told().reasons[row.reason] || row.reason} · ${told().items(row.items)}`))));
  const { state, rule } = chosen();
  const there = report.counts.filter((row) => (state === "all" || row.state === state) && (!rule || row.rule === rule));
  $("older").hidden = rows.length >= there.reduce((n, row) => n + row.n, 0);
  $("older").textContent = told().more;
}

// Draws a contradiction with both pictures, where there are two, and what a person can decide.
function card(row) {
  const other = row.evidence.other_picture;
  const pictures = [row.picture_id && framed(row.picture_id, row.item_id, row.external_id),
    other && row.other_item_id && framed(other, row.other_item_id, row.other)].filter(Boolean);
  return element("article", "candidate",
    element("div", "head", element("h2", "", link(`/item?id=${row.item_id}`, "", row.title || row.external_id)),
      element("span", "state", told().rules[row.rule])),
    element("p", "key", row.external_id),
    element("p", "", told().says[row.rule](row.evidence)),
    pictures.length ? element("div", "strip", ...pictures) : "",
    row.other ? element("p", "soft", row.other_item_id ? link(`/item?id=${row.other_item_id}`, "", row.other) : row.other) : "",
    row.state === "open" ? "" : element("p", "soft", `${told().states[row.state]}: ${told().by(row.decided_by, moment(row.decided_at))} ${row.note || ""}`),
    writer ? decisions(row) : "");
}

const framed = (id, item, key) => link(`/item?id=${item}`, "", thumbnail({ picture_id: id }, key));

function decisions(row) {
  const note = Object.assign(element("input"), { type: "text", maxLength: 1000, placeholder: told().note, ariaLabel: told().note });
  const one = (state, text) => button("small", () => act(() => decide(row, state, note.value.trim())), text);
  const buttons = row.state === "open" ? [one("accepted", told().accept), one("mended", told().mend)] : [one("open", told().reopen)];
  for (const made of buttons) made.dataset.writes = "";
  return element("div", "deciding", ...(row.state === "open" ? [note] : []), ...buttons);
}

async function decide(row, state, note) {
  await call(of(`contradictions/${row.contradiction_id}`), { state, ...(note && { note }) });
  await show();
}

// Judges all items, a step after the other; the run goes on where it was if the page is left and judged again.
async function judge() {
  let step = { done: false };
  const bar = $("judging");
  bar.hidden = false;
  try {
    while (!step.done) {
      step = await call(of("quality"), step.run_id ? { run_id: step.run_id } : {}, "POST");
      say(told().judging(step.counts.judged, step.items), "", "busy");
      bar.max = Math.max(step.items, 1);
      bar.value = step.counts.judged;
    }
  } finally {
    bar.hidden = true;
  }
  await show();
  say(told().ended(step.counts));
}

async function found(skip) {
  const { rule, state } = chosen();
  const query = new URLSearchParams({ status: state, limit: PAGE, skip, ...(rule && { rule }) });
  return call(`${of("contradictions")}?${query}`);
}

async function show() {
  if (!chosen().c) return say(told().noCollections, texts().noCollectionsHint, "large");
  [report, rows] = await Promise.all([call(of("quality")), found(0)]);
  say(writer ? "" : told().readersLook);
  draw();
  address.arrived();
}

async function more() {
  rows = [...rows, ...(await found(rows.length))];
  draw();
}

async function enter(values) {
  if (collections.some((row) => row.collection === values.c)) $("collection").value = values.c;
  $("rule").value = values.rule in told().rules ? values.rule : "";
  $("state").value = values.state in told().states ? values.state : "open";
  await show();
}

async function load() {
  say(texts().loading);
  [collections, writer] = await Promise.all([call("/collections"), may("writer")]);
  choices();
  await enter(address.read());
}

for (const name of ["collection", "rule", "state"]) {
  $(name).addEventListener("change", () => {
    address.write(chosen());
    writingNext(reporting(show, { again: () => act(show) }));
  });
}
$("judge-now").addEventListener("click", () => act(judge));
$("older").addEventListener("click", () => act(more));
open("quality", draw);
address.follow((values) => writingNext(reporting(() => enter(values))));
act(load);
