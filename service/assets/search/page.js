// Search page: the state of a search (see state.js), its request and its results.
import * as address from "../common/address.js";
import { $, button, element, fill } from "../common/dom.js";
import { plain, written } from "../common/formulas.js";
import { open, titled } from "../common/head.js";
import { texts } from "../common/language.js";
import { say, showFailure } from "../common/message.js";
import { call } from "../common/server.js";
import * as aids from "./aids/all.js";
import { offerAnswer } from "./aids/answer.js";
import { followPartial, offerPartial, partialAsked, showPartial } from "./aids/partial.js";
import { dayAsked, followDay, showDay } from "./asof.js";
import { shownAnswer, visitor } from "./clicks.js";
import * as shelf from "./collections.js";
import { showCorrection } from "./correction.js";
import { cards } from "./hits.js";
import { entitle, likes, name, titles } from "./liking.js";
import { manage, showManaged } from "./managed.js";
import { showNotices } from "./notices.js";
import { drawPick, pickPictures } from "./picking.js";
import { showChosen, showFacets, showWeights } from "./refine.js";
import { filter, requestOf } from "./request.js";
import { further, joined, showOrders, showScales, totalText } from "./results.js";
import { fillCollapse, mayPin } from "./shaping.js";
import { EMPTY, asks, decoded, encoded } from "./state.js";
import { complete } from "./suggest.js";
import { keep, picture as kept } from "./uploads.js";

let state = EMPTY;
let picture = null; // the picture of `state.p`
let shown = { kind: "loading" }; // kept for redrawing in the other language
let latest = 0; // only the latest search may write to the page
let admin = false; // whether pins may be changed
let eager = false; // a search was submitted before the collections were loaded

const liking = likes(() => state, go);
const drawn = cards({
  state: () => state, reranker: () => shown.answer?.reranker, admin: () => admin, liking, ask, request: () => request(), again: () => search(),
});

function showAnswer(answer) {
  aids.layOut(answer.hits, state.v === "grid");
  const read = answer.numbers?.length ? texts().numbersRead(answer.numbers.join(", ")) : "";
  const counted = [totalText(answer.total), read].filter(Boolean).join(" · ");
  if (answer.hits.length === 0) say(texts().nothing, read || texts().nothingHint, "large");
  else say(texts().found(answer.hits.length, answer.more, Math.round(answer.timing.total_ms)), counted);
  $("tools").hidden = answer.hits.length === 0;
  shownAnswer(answer);
  answer.hits.forEach(entitle);
  $("hits").replaceChildren(...drawn(answer.hits));
  $("more-hits").hidden = !answer.more;
  showFacets(answer.facets || {}, state.m, (name, value) => choose("m", name, value));
  showScales(answer, state.r, (name, range) => choose("r", name, range));
  showCorrection(answer.did_you_mean, (q, exact) => go({ q, o: exact ? "1" : "" }));
  offerAnswer({ collection: state.c, question: state.q, filter: filter(state.f, state.m, state.r) });
  showNotices({ answer, asked: { words: state.q && !state.like.length && !state.p }, picture, ...shelf.lacks() });
}

// Chooses a value (m) or a range (r) of a key, or drops it where it was chosen.
function choose(kind, name, value) {
  const left = Object.fromEntries(Object.entries(state[kind]).filter(([key]) => key !== name));
  go({ [kind]: state[kind][name] === value ? left : { ...left, [name]: value } });
}

const sortable = () => !picture && state.like.length === 0;
const drawOrders = () => showOrders(shelf.sortKeys(), state.s, sortable());

function show(what) {
  shown = what;
  showChosen(state, picture, titles, go);
  $("hits").ariaBusy = String(what.kind === "searching");
  if (what.kind === "answer") return showAnswer(what.answer);
  if (what.kind === "searching") return say(texts().searching, "", "busy"); // earlier results stay until then
  for (const name of ["hits", "facets"]) $(name).replaceChildren();
  for (const name of ["answer", "degraded", "more-hits", "meant", "tools"]) $(name).hidden = true;
  if (what.kind === "failure") {
    showFailure(what.error, { again: what.again });
    offerPartial(what.error, () => go({ x: "1" }));
  } else if (what.kind === "loading") say(texts().loading, "", "busy");
  else if (what.kind === "empty") say(texts().noCollections, texts().noCollectionsHint, "large");
  else if (what.kind === "unknown") say(texts().noCollection(what.name), texts().noCollectionHint, "error");
  else if (what.kind === "weightless") say(texts().weightless, texts().weightlessHint, "large");
  else if (what.kind === "gone") say(texts().pictureGone, texts().pictureGoneHint, "large");
  else welcome();
}

function welcome() {
  say(texts().welcome, texts().welcomeHint, "large");
  const chips = shelf.examples().map((text) => button("chip choice", () => go({ q: text }), ...written(text)));
  $("message").append(element("div", "chips", ...chips));
}

const request = () => requestOf(state, { shelf, picture, sortable: sortable(), visitor: visitor() });

async function ask(body) {
  const url = `/collections/${encodeURIComponent(state.c)}/search`;
  if (!picture?.file) return call(url, body);
  const form = new FormData();
  form.append("picture", picture.file);
  form.append("request", JSON.stringify(body));
  return call(`${url}/picture`, form);
}

async function search() {
  const mine = ++latest;
  titled(titleOfSearch(), asks(state) && state.c);
  if (!asks(state)) return show({ kind: "welcome" });
  const waiting = setTimeout(() => { if (mine === latest) show({ kind: "searching" }); }, 250); // sooner, the page would flicker
  const came = await outcome();
  clearTimeout(waiting);
  if (mine !== latest) return;
  titled(titleOfSearch(), state.c);
  show(came);
  showManaged(state.c, search);
}

// Shows the results of what is being typed; the address and the history keep the search that was submitted.
async function preview(q, only) {
  if (picture || state.like.length || !shelf.has(state.c)) return;
  const mine = ++latest;
  state = { ...state, q, n: 0, o: "" };
  const answer = await ask({ ...request(), ...(only && { legs: only }), correct: "off", k: state.k, log: false }).catch(() => null);
  if (answer && mine === latest) show({ kind: "answer", answer });
}

async function outcome() {
  try {
    if (picture?.gone && !state.q && !state.like.length) return { kind: "gone" };
    const asked = request();
    if (asked.legs?.length === 0) return { kind: "weightless" };
    await Promise.all([name(state.like), name(state.unlike), shelf.look(state.c)]);
    return { kind: "answer", answer: await ask({ ...asked, k: Math.max(state.n, state.k) }) };
  } catch (error) {
    return { kind: "failure", error, again: search };
  }
}

function titleOfSearch() {
  const examples = state.like.map((id) => `+ ${titles.get(id) ?? `#${id}`}`);
  return [plain(state.q), ...Object.values(state.m), ...examples, picture?.name].filter(Boolean).join(", ");
}

async function showMore() {
  const mine = latest;
  const { answer } = shown;
  $("more-hits").disabled = true;
  try {
    const next = await ask({ ...request(), facets: [], total: false, ...further(answer, state.k) });
    if (mine !== latest) return;
    const whole = joined(answer, next);
    state = { ...state, n: whole.hits.length };
    address.write(encoded(state), { replace: true });
    show({ kind: "answer", answer: whole });
  } catch (error) {
    if (error.status === 410) shown = { kind: "answer", answer: { ...answer, cursor: undefined } }; // begin again
    showFailure(error, { again: showMore });
  } finally {
    $("more-hits").disabled = false;
  }
}

// Starts another search, with a new history entry.
async function go(changes) {
  state = { ...state, n: 0, ...changes };
  address.write(encoded(state));
  fillForm();
  await stand();
}

// Shows the state. The form is not written here: what was typed since a state came would be lost.
async function stand() {
  const mine = ++latest;
  picture = state.p ? await kept(state.p) : null;
  if (mine !== latest) return;
  fillCollapse(shelf.facets(), state.g);
  showDay(shelf.dated(), state.d);
  showPartial(shelf.sharded(), state.x);
  admin = await mayPin();
  if (mine !== latest) return;
  showWeights(shelf.ways(), state.w, (way, weight) => go({ w: { ...state.w, [way]: weight } }));
  drawPick(shelf.takesPictures());
  drawOrders();
  await search();
}

function turn() {
  state = { ...state, v: state.v ? "" : "grid" };
  address.write(encoded(state), { replace: true });
  show(shown);
}

function fillForm() {
  $("query").value = state.q;
  $("filter").value = state.f;
  $("k").value = String(state.k);
  showDay(shelf.dated(), state.d);
  if (state.f || state.g || Object.keys(state.w).length) $("more").open = true;
}

// Shows the state in the address after going back. The form is filled before anything is waited for.
async function restore(values) {
  state = decoded(values);
  fillForm();
  await arrive();
}

async function arrive() {
  try {
    if (state.c && !shelf.has(state.c)) {
      latest += 1;
      picture = null;
      $("collection").selectedIndex = -1;
      return show({ kind: "unknown", name: state.c });
    }
    state.c ||= shelf.usual();
    $("collection").value = state.c;
    await shelf.enter(state.c);
    await stand();
  } catch (error) {
    show({ kind: "failure", error, again: arrive });
  }
  address.arrived();
}

async function loadCollections() {
  show({ kind: "loading" });
  try {
    await shelf.load();
    fill($("collection"), shelf.names());
    if (shelf.names().length === 0) return show({ kind: "empty" });
    state = decoded(address.read());
    await arrive();
    if (eager) await go(typed());
    eager = false;
  } catch (error) {
    show({ kind: "failure", error, again: loadCollections });
  }
}

// What was typed is sent with every other change.
const typed = () => ({ o: "", x: partialAsked(), d: dayAsked(), q: $("query").value.trim(), f: $("filter").value.trim(), k: Number($("k").value) });

async function changeCollection() {
  const c = $("collection").value;
  shelf.choose(c);
  try {
    await shelf.enter(c);
    await go({ ...typed(), c, d: "", g: "", m: {}, r: {}, s: "", like: [], unlike: [], w: {}, p: shelf.takesPictures() ? state.p : "" });
  } catch (error) {
    show({ kind: "failure", error, again: changeCollection });
  }
}

async function take(file) {
  if (!file) return;
  if (!shelf.takesPictures()) return say(texts().noPictures, texts().noPicturesHint, "error");
  if (!file.type.startsWith("image/")) return say(texts().noPictureFile(file.name), texts().pictures.kinds, "error");
  await go({ ...typed(), p: await keep(file) });
}

function draw() {
  for (const [at, [, text]] of shelf.names().entries()) $("collection").options[at].textContent = text;
  showWeights(shelf.ways(), state.w, (way, weight) => go({ w: { ...state.w, [way]: weight } }));
  fillCollapse(shelf.facets(), state.g);
  showDay(shelf.dated(), state.d);
  showManaged(state.c, search);
  aids.draw();
  drawPick(shelf.takesPictures());
  drawOrders();
  titled(titleOfSearch(), asks(state) && state.c);
  show(shown);
}

$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("collection").disabled) {
    eager = true; // loading the list failed when the page opened: try again
    if (shown.kind !== "loading") loadCollections();
  } else if (shelf.has(state.c)) go(typed());
  else say(texts().noCollection(state.c), texts().noCollectionHint, "error");
});
complete({ collection: () => shelf.has(state.c) && state.c, filter: () => filter($("filter").value.trim(), state.m, state.r) });
$("collection").addEventListener("change", changeCollection);
$("sort").addEventListener("change", () => go({ ...typed(), s: $("sort").value }));
$("k").addEventListener("change", () => go(typed()));
$("collapse").addEventListener("change", () => go({ ...typed(), g: $("collapse").value }));
followDay(() => go(typed()));
followPartial(() => go(typed()));
manage(() => state.c, search);
$("more-hits").addEventListener("click", showMore);
aids.listen({ preview, answer: () => shown.answer, name: titleOfSearch, values: () => encoded(state), turn });
pickPictures(take, () => shelf.takesPictures());
// On narrow screens the facets are folded.
$("narrow").open = matchMedia("(min-width: 681px)").matches;
address.follow(restore);
open("search", draw);
state = decoded(address.read());
fillForm();
loadCollections();
