import { $, button, call, element, number, open, say, showFailure, texts, titleOf } from "./common.js";
import { card } from "./card.js";
import { filter, legs, worthCounting } from "./request.js";

const EXAMPLES = 4;
const FACETS = 6;
let collections = [];
let spaces = [];
let examples = [];
let shown = null; // what the page shows, so that it can be shown again in the other language
let latest = 0; // only the newest search may write to the page
let picture = null; // a file that was dropped or chosen
let chosen = {}; // metadata that was chosen: key -> value
let weights = {}; // of legs, where they are not 1
let liked = { like: new Map(), unlike: new Map() }; // item id -> its title

const liking = {
  has: (way, hit) => liked[way].has(hit.item_id),
  any: () => liked.like.size > 0,
  toggle(way, hit) {
    const other = way === "like" ? "unlike" : "like";
    liked[other].delete(hit.item_id);
    if (!liked[way].delete(hit.item_id)) liked[way].set(hit.item_id, titleOf(hit)[1]);
    if (liked.like.size === 0) liked.unlike.clear();
    search();
  },
};

const collection = () => collections.find((row) => row.collection === $("collection").value);

function showAnswer(answer) {
  const none = answer.hits.length === 0;
  const read = answer.numbers?.length ? texts().numbersRead(answer.numbers.join(", ")) : "";
  if (none) say(texts().nothing, read || texts().nothingHint, "large");
  else say(texts().found(answer.hits.length, Math.round(answer.timing.total_ms)), read);
  $("hits").replaceChildren(...answer.hits.map((hit) => card(hit, liking)));
  $("more-hits").hidden = !answer.more;
  showFacets(answer.facets || {});
  $("degraded").hidden = answer.degraded.length === 0;
  $("degraded").replaceChildren(element("strong", "", texts().degraded), ...answer.degraded.map((line) => element("div", "", line)));
}

function showFacets(facets) {
  const groups = Object.entries(facets).filter(([name, values]) => values.length > 1 || name in chosen);
  $("facets").replaceChildren(...groups.map(([name, values]) => {
    const group = element("div", "facet");
    group.append(element("span", "name", name));
    group.append(...values.slice(0, FACETS).map(({ value, items }) => {
      const choice = button(`${value} ${number(items)}`, "chip choice", () => choose(name, value));
      choice.ariaPressed = String(name in chosen && String(chosen[name]) === value);
      return choice;
    }));
    return group;
  }));
}

function choose(name, value) {
  if (name in chosen && String(chosen[name]) === value) delete chosen[name];
  else chosen[name] = value;
  search();
}

// What was chosen beside the words, each with a way to leave it out again.
function showChosen() {
  const made = Object.entries(chosen).map(([name, value]) => dropping(`${name}: ${value}`, () => delete chosen[name]));
  for (const [way, sign] of [["like", "+"], ["unlike", "−"]]) {
    made.push(...[...liked[way]].map(([id, title]) => dropping(`${sign} ${title}`, () => liked[way].delete(id))));
  }
  if (picture) {
    const chip = dropping(picture.name, () => { picture = null; });
    const image = element("img", "dropped");
    image.src = picture.url;
    image.alt = texts().yourPicture;
    chip.prepend(image);
    made.push(chip);
  }
  $("chosen").replaceChildren(...made);
}

function dropping(text, drop) {
  const chip = button(text, "chip choice", () => {
    drop();
    if (liked.like.size === 0) liked.unlike.clear();
    search();
  });
  chip.append(element("span", "", " ×"));
  chip.ariaLabel = texts().leaveOut(text);
  return chip;
}

function show(state) {
  shown = state;
  showChosen();
  if (state.kind === "answer") return showAnswer(state.answer);
  for (const name of ["hits", "facets"]) $(name).replaceChildren();
  for (const name of ["degraded", "more-hits"]) $(name).hidden = true;
  if (state.kind === "failure") showFailure(state.error);
  else if (state.kind === "searching") say(texts().searching);
  else if (state.kind === "empty") say(texts().noCollections, texts().noCollectionsHint, "large");
  else welcome();
}

function welcome() {
  say(texts().welcome, texts().welcomeHint, "large");
  const chips = element("div", "chips");
  chips.append(...examples.map((text) => button(text, "chip choice", () => {
    $("query").value = text;
    search();
  })));
  $("message").append(chips);
}

// The spaces that the collection feeds.
function fed() {
  return spaces.filter((space) => space.space in (collection()?.vector_sources || {}));
}

function showWeights() {
  const names = ["lexical", "identifier", ...fed().map((space) => space.space)];
  $("weights").replaceChildren(...names.map((name) => {
    const label = element("label", "weight");
    const input = element("input");
    Object.assign(input, { type: "range", min: 0, max: 3, step: 0.25, value: weights[name] ?? 1 });
    const value = element("output", "", String(weights[name] ?? 1));
    input.addEventListener("input", () => { value.textContent = input.value; });
    input.addEventListener("change", () => {
      weights[name] = Number(input.value);
      search();
    });
    label.append(element("span", "", texts().legs[name] || name), input, value);
    return label;
  }));
}

function request(query) {
  return {
    ...(query && { query, highlight: true }),
    ...(liked.like.size && { like: [...liked.like.keys()], unlike: [...liked.unlike.keys()] }),
    k: Number($("k").value),
    filter: filter($("filter").value.trim(), chosen),
    legs: legs({ words: query, picture, readable: "ocr" in (collection()?.picture_readers || {}), likes: liking.any(), spaces: fed(), weights }),
    facets: collection()?.facets || [],
  };
}

async function ask(query, skip = 0) {
  const url = `/collections/${encodeURIComponent($("collection").value)}/search`;
  const body = { ...request(query), skip };
  if (!picture) return call(url, body);
  const form = new FormData();
  form.append("picture", picture.file);
  form.append("request", JSON.stringify(body));
  return call(`${url}/picture`, form);
}

async function search() {
  const query = $("query").value.trim();
  if (!(query || picture || liked.like.size) || !$("collection").value) return show({ kind: "welcome" });
  const mine = ++latest;
  remember({ c: $("collection").value, q: query, f: $("filter").value.trim(), k: $("k").value });
  // A quick answer should not flicker.
  const waiting = setTimeout(() => show({ kind: "searching" }), 250);
  let state;
  try {
    state = { kind: "answer", query, answer: await ask(query) };
  } catch (error) {
    state = { kind: "failure", error };
  }
  clearTimeout(waiting);
  if (mine === latest) show(state);
}

async function showMore() {
  const { answer, query } = shown;
  try {
    const next = await ask(query, answer.hits.length);
    show({ kind: "answer", query, answer: { ...answer, hits: [...answer.hits, ...next.hits], more: next.more } });
  } catch (error) {
    showFailure(error);
  }
}

// After the #, what is searched for stays in the browser and out of the logs of servers.
function remember(values) {
  const kept = Object.entries(values).filter(([, value]) => value);
  const hash = `#${new URLSearchParams(kept)}`;
  if (hash !== location.hash) history.pushState(null, "", hash);
}

function recall() {
  const values = new URLSearchParams(location.hash.slice(1));
  if (values.has("c")) $("collection").value = values.get("c");
  if ($("collection").selectedIndex < 0) $("collection").selectedIndex = 0;
  $("query").value = values.get("q") || "";
  $("filter").value = values.get("f") || "";
  $("k").value = values.get("k") || "10";
  if ($("k").selectedIndex < 0) $("k").value = "10";
  $("more").open = Boolean(values.get("f"));
  search();
}

// What belongs to a collection: keys to count by, titles to begin with.
async function enter() {
  const row = collection();
  chosen = {};
  weights = {};
  liked = { like: new Map(), unlike: new Map() };
  if (!row || row.facets) return;
  const items = await call(`/collections/${encodeURIComponent(row.collection)}/items?limit=50`);
  row.facets = worthCounting(items.map((item) => item.metadata));
  row.examples = items.slice(0, EXAMPLES).map((item) => titleOf(item)[1].slice(0, 60));
}

async function loadCollections() {
  try {
    [collections, spaces] = await Promise.all([call("/collections"), call("/spaces")]);
    if (collections.length === 0) return show({ kind: "empty" });
    $("collection").replaceChildren(...collections.map((row) => new Option(row.collection, row.collection)));
    const asked = new URLSearchParams(location.hash.slice(1)).get("c");
    if (asked && collections.some((row) => row.collection === asked)) $("collection").value = asked;
    await enter();
    draw();
    return recall();
  } catch (error) {
    return show({ kind: "failure", error });
  }
}

function draw() {
  for (const option of $("collection").options) {
    const row = collections.find((one) => one.collection === option.value);
    option.textContent = `${option.value} (${texts().items(row.items)})`;
  }
  examples = collection()?.examples || [];
  showWeights();
  if (shown) show(shown);
}

function take(file) {
  if (!file?.type.startsWith("image/")) return;
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    picture = { file, name: file.name, url: reader.result };
    search();
  });
  reader.readAsDataURL(file);
}

$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  // The list could not be had when the page opened: perhaps it can now.
  if ($("collection").options.length) search();
  else loadCollections();
});
$("collection").addEventListener("change", async () => {
  try {
    await enter();
    draw();
    search();
  } catch (error) {
    show({ kind: "failure", error });
  }
});
$("picture").addEventListener("change", () => take($("picture").files[0]));
$("pick").addEventListener("click", () => $("picture").click());
$("more-hits").addEventListener("click", showMore);
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  take(event.dataTransfer.files[0]);
});
document.addEventListener("paste", (event) => take([...event.clipboardData.files][0]));
window.addEventListener("popstate", recall);
open("search", draw);
loadCollections();
