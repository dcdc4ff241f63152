// Comparison page: one query by two fusions, judged, saved and tried where it is seen.
import * as address from "../common/address.js";
import { $, element, fill } from "../common/dom.js";
import { plain } from "../common/formulas.js";
import { open, titled } from "../common/head.js";
import { texts } from "../common/language.js";
import { reporting, say, showFailure } from "../common/message.js";
import { Failure, call, may } from "../common/server.js";
import { nameKeys, sized } from "../common/values.js";
import { writing } from "../common/writing.js";
import { words } from "../texts/compare.js";
import { gradeButtons, look, showMeasures } from "./judging.js";
import { load as loadTests, showLive } from "./live.js";
import { load as loadProfiles, save, showProfiles } from "./profiles.js";
import { drawWhole, measure } from "./whole.js";
import { DEPTH, OWN, drawList, fillSide, overlap, request, showWeights } from "./sides.js";

const SIDES = ["a", "b"];
let collections = [];
let profiles = [];
let tests = []; // live tests of profiles
let spaces = [];
let generations = []; // of all spaces; none for keys of single collections
let ways = []; // legs that words can be asked by
let sets = [];
let state = decoded({});
let answers = null; // of both sides, or null
let latest = 0;
let rights = { writer: false, admin: false };

function decoded(values) {
  const side = (name) => ({ choice: values[name] || "", weights: weightsOf(values[`w${name}`]), method: values[`m${name}`] === "weighted" ? "weighted" : "rrf" });
  return { c: values.c || "", q: values.q || "", s: values.s || "", a: side("a"), b: side("b") };
}

function weightsOf(text) {
  try {
    return Object.fromEntries(Object.entries(JSON.parse(text || "{}")).filter(([, one]) => typeof one === "number" && one >= 0 && one <= 3));
  } catch {
    return {}; // somebody wrote the address by hand
  }
}

function encoded() {
  const side = (name) => {
    const { choice, weights, method } = state[name];
    const own = choice === OWN;
    return { [name]: choice, [`w${name}`]: own && Object.keys(weights).length ? JSON.stringify(weights) : "", [`m${name}`]: own && method !== "rrf" ? method : "" };
  };
  return { c: state.c, q: state.q, s: state.s, ...side("a"), ...side("b") };
}

const ids = (answer) => answer.hits.map((hit) => hit.external_id);

async function compare() {
  const mine = ++latest;
  titled(plain(state.q), texts().compare);
  if (!state.q) return show(null);
  const asked = SIDES.map((name) => request(state[name].choice, { query: state.q, collection: state.c, ways, ...state[name] }));
  if (asked.includes(null)) {
    show(null);
    return say(words().weightless, words().weightlessHint, "large");
  }
  say(texts().searching, "", "busy");
  try {
    const { answers: came } = await call("/search/batch", { searches: asked });
    const wrong = came.find((one) => one.problem);
    if (mine !== latest) return;
    if (wrong) throw new Failure(wrong.problem.status, wrong.problem);
    await show(came.map((one) => one.answer));
  } catch (error) {
    if (mine === latest) showFailure(error, { again: compare });
  }
}

async function show(came) {
  answers = came;
  $("summary").hidden = $("judging").hidden = !came;
  if (!came) {
    for (const name of SIDES) $(`hits-${name}`).replaceChildren();
    return say(words().welcome, "", "large");
  }
  say("");
  await look(sets.includes(state.s) ? state.s : "", state.q, { a: ids(came[0]), b: ids(came[1]) });
  drawAnswers();
}

// Draws what was judged; the first grade makes the set.
async function judged() {
  if (!sets.includes(state.s)) sets.push(state.s);
  await show(answers);
}

function drawAnswers() {
  const [a, b] = answers.map((one) => one.hits);
  const { same, moved } = overlap(a, b);
  const n = Math.max(a.length, b.length);
  $("summary").textContent = n === 0 ? texts().nothing : same === n && moved === 0 ? words().identical(n) : words().same(same, Math.min(n, DEPTH), moved);
  const extras = (hit) => (rights.writer && state.s ? gradeButtons(hit, { set: state.s, query: state.q, again: judged }) : []);
  drawList("a", a, b, extras);
  drawList("b", b, a, extras);
  if (state.s) showMeasures();
  else $("measured").textContent = "";
}

// Draws the form: choices, sliders, profiles.
function drawForm() {
  fill($("collection"), sized(collections), state.c);
  $("sets").replaceChildren(...sets.map((name) => Object.assign(element("option"), { value: name })));
  for (const name of SIDES) {
    const side = state[name];
    fillSide(name, profiles, others(), side.choice);
    showWeights(name, { ways, ...side, shown: side.choice === OWN }, (weights, method) => go({ [name]: { ...side, weights, method } }));
  }
  $("saving").hidden = false;
  $("whole").hidden = !rights.admin || !sets.includes(state.s);
  drawWhole();
  $("save").hidden = !rights.admin || state.b.choice !== OWN;
  $("told").textContent ||= rights.admin && state.b.choice !== OWN ? words().onlyOwn : "";
  const redraw = async () => { await known(state.c); drawForm(); };
  showProfiles(profiles, { collection: state.c, set: () => state.s, again: redraw, admin: rights.admin });
  showLive(tests, { admin: rights.admin, again: redraw });
}

// Generations beside the live ones, of the spaces that words are asked by.
const others = () => generations.filter(({ space, status }) => status !== "live" && ways.includes(space));

async function known(name) {
  [profiles, tests] = await Promise.all([loadProfiles(name), loadTests(name)]);
}

async function enter(name) {
  state.c = name;
  await known(name);
  const row = collections.find((one) => one.collection === name);
  nameKeys(row?.labels);
  const fed = row?.vector_sources || {};
  ways = ["lexical", "identifier", ...spaces.filter(({ space, modality }) => space in fed && modality !== "image").map(({ space }) => space)];
}

async function go(changes) {
  state = { ...state, ...changes };
  $("told").textContent = "";
  address.write(encoded());
  if (collections.length === 0) return; // arrive() shows it when they are loaded
  drawForm();
  await compare();
}

// Shows the state in the address. What is typed is written before anything is waited for, so that nobody's typing is lost.
async function restore(values) {
  state = decoded(values);
  $("query").value = state.q;
  $("set").value = state.s;
  if (collections.length) await arrive();
}

async function arrive() {
  const largest = () => collections.reduce((most, row) => (row.items > most.items ? row : most)).collection;
  try {
    await enter(collections.some((row) => row.collection === state.c) ? state.c : largest());
    state.s ||= sets.at(-1) || "asked";
    $("set").value ||= state.s;
    drawForm();
    await compare();
  } catch (error) {
    showFailure(error, { again: arrive });
  }
  address.arrived();
}

async function begin() {
  say(texts().loading, "", "busy");
  try {
    const [rows, sources, ...known] = await Promise.all([call("/collections"), call("/evaluation/sets").catch(() => []),
      call("/spaces"), call("/generations").catch(() => [])]);
    [collections, [spaces, generations]] = [rows, known];
    sets = [...new Set(sources.map((row) => row.query_set))];
    rights = { writer: await may("writer"), admin: await may("admin") };
    if (rows.length === 0) return say(texts().noCollections, texts().noCollectionsHint, "large");
    await arrive();
  } catch (error) {
    showFailure(error, { again: begin });
  }
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  go({ q: $("query").value.trim() });
});
$("collection").addEventListener("change", reporting(async () => {
  await enter($("collection").value);
  const fresh = decoded({});
  await go({ a: fresh.a, b: fresh.b });
}));
for (const name of SIDES) $(`side-${name}`).addEventListener("change", () => go({ [name]: { ...state[name], choice: $(`side-${name}`).value } }));
$("judging").addEventListener("submit", (event) => event.preventDefault());
$("set").addEventListener("change", () => { if ($("set").reportValidity()) go({ s: $("set").value.trim() }); });
$("measure").addEventListener("click", () => writing(reporting(() =>
  measure({ collection: state.c, set: state.s, ways, sides: state }))));
$("save").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("profile").value.trim();
  writing(reporting(async () => {
    await save(state.c, name, { ways, ...state.b });
    profiles = await loadProfiles(state.c);
    drawForm();
    say(words().savedNow(name), "", "soft", $("told"));
  }, { where: $("told") }));
});
address.follow(restore);
open("compare", () => {
  if (collections.length) drawForm();
  if (answers) drawAnswers();
}, words);
restore(address.read());
begin();
