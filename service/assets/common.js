// What every page needs: the language, the way to the server, the head of the page, signing in.
import { TEXTS } from "./texts.js";

export const $ = (id) => document.getElementById(id);
const PAGES = [["search", "/"], ["dashboard", "/dashboard"], ["activity", "/activity"], ["label", "/label"], ["defects", "/defects"]];
const chosen = localStorage.getItem("language");
let language = chosen in TEXTS ? chosen : document.documentElement.lang;

export const texts = () => TEXTS[language];

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}

export function drawing(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

export function button(text, className, act) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

export class Failure extends Error {
  constructor(status, problem) {
    super(problem.detail || "");
    this.status = status;
    this.hint = problem.hint;
  }
}

async function answered(url, request) {
  const response = await fetch(url, request);
  const answer = response.status === 204 ? null : await response.json().catch(() => ({}));
  if (!response.ok) throw new Failure(response.status, answer);
  return answer;
}

// body: an object goes as JSON, a form as it is.
export async function call(url, body, method = body ? "POST" : "GET") {
  const json = body && !(body instanceof FormData);
  const request = {
    method,
    body: json ? JSON.stringify(body) : body,
    headers: json ? { "Content-Type": "application/json" } : {},
  };
  try {
    return await answered(url, request);
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 401) throw error;
    await signIn();
    return answered(url, request);
  }
}

export function showFailure(error, where = $("message")) {
  if (!(error instanceof Failure)) {
    if (!(error instanceof TypeError)) console.error(error);
    return say(texts().offline, texts().offlineHint, "error", where);
  }
  const known = texts().failed[error.status] || texts().failed.other;
  // The server's words are exact but English: they follow ours.
  const exact = error.status === 503 ? null : [error.message, error.hint].filter(Boolean).join(" — ");
  return say(known, exact, "error", where);
}

export function say(text, hint, kind = "", where = $("message")) {
  where.className = `message ${kind}`;
  where.replaceChildren(...[text, hint].filter(Boolean).map((line) => element("p", "", line)));
}

let asking = null; // several requests may find at once that a key is needed

function signIn() {
  asking ||= new Promise((resolve, reject) => {
    const dialog = element("dialog", "sign-in");
    const form = element("form");
    form.method = "dialog";
    const label = element("label", "", texts().key);
    const input = element("input");
    Object.assign(input, { type: "password", autocomplete: "off", required: true });
    label.append(input);
    const wrong = element("p", "wrong");
    wrong.setAttribute("role", "alert");
    const enter = element("button", "", texts().signIn);
    form.append(element("p", "", texts().keyWanted), label, wrong, enter);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const headers = { Authorization: `Bearer ${input.value.trim()}` };
        await answered("/session", { method: "POST", headers });
        dialog.remove();
        resolve();
      } catch (error) {
        wrong.textContent = error.status === 401 ? texts().keyWrong : error.message;
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      reject(new Failure(401, {}));
    });
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
  }).finally(() => { asking = null; });
  return asking;
}

function fillHead(name) {
  const brand = element("a", "brand");
  brand.href = "/";
  const icon = element("img");
  Object.assign(icon, { src: "/assets/icon.svg", alt: "", width: 28, height: 28 });
  brand.append(icon, "Seogo");
  const nav = element("nav");
  nav.ariaLabel = texts().pages;
  for (const [page, path] of PAGES) {
    const link = element("a", "", texts()[page]);
    link.href = path;
    if (page === name) link.ariaCurrent = "page";
    nav.append(link);
  }
  const docs = element("a", "", texts().api);
  docs.href = "/docs";
  const languages = element("span", "languages");
  languages.setAttribute("role", "group");
  languages.ariaLabel = texts().language;
  for (const [code, called] of [["ko", "한국어"], ["en", "English"]]) {
    const choice = button(called, "", () => {
      localStorage.setItem("language", code);
      speak(name, code);
      languages.parentElement?.querySelector(`[lang=${code}]`)?.focus();
    });
    choice.lang = code;
    choice.ariaPressed = String(code === language);
    languages.append(choice);
  }
  nav.append(docs, languages);
  $("bar").replaceChildren(brand, nav);
}

let redraw = () => {};

function speak(name, code) {
  language = code;
  document.documentElement.lang = code;
  document.title = name === "search" ? "Seogo" : `${texts()[name]} · Seogo`;
  fillHead(name);
  document.querySelectorAll("[data-text]").forEach((e) => { e.textContent = texts()[e.dataset.text]; });
  document.querySelectorAll("[data-label]").forEach((e) => { e.ariaLabel = texts()[e.dataset.label]; });
  document.querySelectorAll("[data-hint]").forEach((e) => { e.placeholder = texts()[e.dataset.hint]; });
  redraw();
}

// draw: shows again, in the other language, what the page has.
export function open(name, draw) {
  redraw = draw;
  speak(name, language);
}

export function moment(text) {
  const shown = new Date(text);
  return text ? shown.toLocaleString(language, { dateStyle: "short", timeStyle: "medium" }) : "";
}

export function number(value, digits = 0) {
  return value.toLocaleString(language, { maximumFractionDigits: digits });
}

// Rows of texts and elements under the names of their columns.
export function table(columns, rows) {
  const box = element("div", "scroll");
  const made = element("table");
  const head = element("tr");
  head.append(...columns.map((name) => {
    const cell = element("th", "", name);
    cell.scope = "col";
    return cell;
  }));
  const body = rows.map((row) => {
    const line = element("tr");
    line.append(...row.map((value) => {
      const cell = element("td", typeof value === "number" ? "number" : "");
      cell.append(typeof value === "number" ? number(value) : value ?? "");
      return cell;
    }));
    return line;
  });
  made.append(element("thead"), element("tbody"));
  made.tHead.append(head);
  made.tBodies[0].append(...body);
  box.append(made);
  return box;
}

// What the server marked: its text and the marks, nothing else of the markup.
export function marked(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html").body.childNodes;
  return [...parsed].map((node) =>
    node.nodeName === "MARK" ? element("mark", "", node.textContent) : document.createTextNode(node.textContent));
}

export function thumbnail(picture, alt) {
  const image = element("img", "thumbnail");
  image.src = `/pictures/${picture.picture_id}/thumbnail`;
  image.alt = alt;
  image.loading = "lazy";
  return image;
}

export function titleOf(item) {
  const names = Object.keys(item.fields);
  const name = ["title", "name", "question", "subject", "heading"].find((n) => item.fields[n]) || names.find((n) => item.fields[n]);
  // An article of law is named with its law.
  const law = name === "heading" && item.fields.law ? `${item.fields.law} ` : "";
  return [name, name ? law + item.fields[name] : item.external_id];
}
