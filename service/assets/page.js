import { TEXTS } from "./texts.js";
import { card } from "./card.js";

const $ = (id) => document.getElementById(id);
const root = document.documentElement;
let texts = TEXTS.en;
let shown = null; // what the page shows, so that it can be shown again in the other language
let latest = 0; // only the newest search may write to the page

class Failure extends Error {
  constructor(status, problem) {
    super(problem.detail || "");
    this.status = status;
    this.hint = problem.hint;
  }
}

async function call(url, body) {
  const request = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(url, request || {});
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Failure(response.status, answer);
  return answer;
}

function say(text, hint, kind = "") {
  const lines = [text, hint].filter(Boolean).map((line) => {
    const p = document.createElement("p");
    p.textContent = line;
    return p;
  });
  $("message").className = kind;
  $("message").replaceChildren(...lines);
}

function showFailure(error) {
  if (!(error instanceof Failure)) return say(texts.offline, texts.offlineHint, "error");
  const text = texts.failed[error.status] || texts.failed.other;
  // The server's words are exact but English: they follow ours.
  const exact = error.status === 503 ? null : [error.message, error.hint].filter(Boolean).join(" — ");
  return say(text, exact, "error");
}

function showAnswer(answer) {
  const none = answer.hits.length === 0;
  if (none) say(texts.nothing, texts.nothingHint, "large");
  else say(texts.found(answer.hits.length, Math.round(answer.took_ms)));
  $("hits").replaceChildren(...answer.hits.map((hit) => card(hit, texts)));
  showDegraded(answer.degraded);
}

function showDegraded(reasons) {
  $("degraded").hidden = reasons.length === 0;
  const lines = [texts.degraded, ...reasons].map((line, at) => {
    const element = document.createElement(at === 0 ? "strong" : "div");
    element.textContent = line;
    return element;
  });
  $("degraded").replaceChildren(...lines);
}

function show(state) {
  shown = state;
  $("degraded").hidden = true;
  if (state.kind !== "answer") $("hits").replaceChildren();
  if (state.kind === "answer") showAnswer(state.answer);
  else if (state.kind === "failure") showFailure(state.error);
  else if (state.kind === "searching") say(texts.searching);
  else if (state.kind === "empty") say(texts.noCollections, texts.noCollectionsHint, "large");
  else say(texts.welcome, texts.welcomeHint, "large");
}

async function search() {
  const query = $("query").value.trim();
  const collection = $("collection").value;
  if (!query || !collection) return;
  const mine = ++latest;
  const filter = $("filter").value.trim();
  remember({ c: collection, q: query, f: filter, k: $("k").value });
  // A quick answer should not flicker.
  const waiting = setTimeout(() => show({ kind: "searching" }), 250);
  let state;
  try {
    const body = { query, k: Number($("k").value), ...(filter && { filter }) };
    const url = `/collections/${encodeURIComponent(collection)}/search`;
    state = { kind: "answer", answer: await call(url, body) };
  } catch (error) {
    state = { kind: "failure", error };
  }
  clearTimeout(waiting);
  if (mine === latest) show(state);
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
  if ($("query").value) search();
  else if ($("collection").options.length) show({ kind: "welcome" });
}

async function loadCollections() {
  try {
    const collections = await call("/collections");
    if (collections.length === 0) return show({ kind: "empty" });
    const options = collections.map((row) => {
      const option = new Option(row.collection, row.collection);
      option.dataset.items = row.items;
      return option;
    });
    $("collection").replaceChildren(...options);
    labelOptions();
    return recall();
  } catch (error) {
    return show({ kind: "failure", error });
  }
}

function labelOptions() {
  for (const option of $("collection").options) {
    option.textContent = `${option.value} (${texts.items(Number(option.dataset.items))})`;
  }
}

function speak(language) {
  texts = TEXTS[language];
  root.lang = language;
  document.querySelectorAll("[data-text]").forEach((e) => { e.textContent = texts[e.dataset.text]; });
  document.querySelectorAll("[data-label]").forEach((e) => { e.ariaLabel = texts[e.dataset.label]; });
  $("query").placeholder = texts.query;
  document.querySelectorAll("[data-language]").forEach((button) => {
    button.ariaPressed = String(button.dataset.language === language);
  });
  labelOptions();
  if (shown) show(shown);
}

document.querySelectorAll("[data-language]").forEach((button) => {
  button.addEventListener("click", () => {
    localStorage.setItem("language", button.dataset.language);
    speak(button.dataset.language);
  });
});
$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  // The list could not be had when the page opened: perhaps it can now.
  if ($("collection").options.length) search();
  else loadCollections();
});
$("collection").addEventListener("change", search);
window.addEventListener("popstate", recall);

const chosen = localStorage.getItem("language");
speak(chosen in TEXTS ? chosen : root.lang);
loadCollections();
