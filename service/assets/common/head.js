// The head of every page: where one can go, who one is, which language.
import { $, button, element, link } from "./dom.js";
import { remember, speak as setLanguage, spoken, texts } from "./language.js";
import { caller, onSignIn, signOut } from "./server.js";

const PAGES = [["search", "/"], ["dashboard", "/dashboard"], ["activity", "/activity"], ["label", "/label"], ["defects", "/defects"]];
let redraw = () => {};

function fillHead(name) {
  const brand = link("/", null, "brand");
  const icon = element("img");
  Object.assign(icon, { src: "/assets/icon.svg", alt: "", width: 28, height: 28 });
  brand.append(icon, element("span", "", "Seogo"));
  const nav = element("nav");
  nav.ariaLabel = texts().pages;
  for (const [page, path] of PAGES) {
    const made = link(path, texts()[page]);
    if (page === name) made.ariaCurrent = "page";
    nav.append(made);
  }
  nav.append(link("/docs", texts().api));
  const tools = element("div", "tools");
  tools.append(element("span", "who"), languages(name));
  $("bar").replaceChildren(brand, nav, tools);
  showCaller();
  nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

function languages(name) {
  const made = element("span", "languages");
  made.setAttribute("role", "group");
  made.ariaLabel = texts().language;
  for (const [code, called] of [["ko", "한국어"], ["en", "English"]]) {
    const choice = button(called, "", () => {
      remember(code);
      speak(name, code);
      document.querySelector(`.languages [lang=${code}]`)?.focus();
    });
    choice.lang = code;
    choice.ariaPressed = String(code === spoken());
    made.append(choice);
  }
  return made;
}

async function showCaller() {
  const asks = await caller();
  const where = document.querySelector(".who");
  if (!asks?.key || !where) return; // without keys this machine is let in: nobody has a name
  const name = element("span", "soft", texts().signedIn(asks.name, texts().scopes[asks.scope]));
  where.replaceChildren(name, button(texts().signOut, "toggle", signOut));
}

function speak(name, code) {
  setLanguage(code);
  titled(name === "search" ? "" : texts()[name]);
  fillHead(name);
  document.querySelectorAll("[data-text]").forEach((e) => { e.textContent = texts()[e.dataset.text]; });
  document.querySelectorAll("[data-label]").forEach((e) => { e.ariaLabel = texts()[e.dataset.label]; });
  document.querySelectorAll("[data-hint]").forEach((e) => { e.placeholder = texts()[e.dataset.hint]; });
  redraw();
}

// The title of the tab: what the page shows, the most particular first.
export function titled(...parts) {
  document.title = [...parts.filter(Boolean), "Seogo"].join(" · ");
}

// draw: shows again, in the other language, what the page has.
export function open(name, draw) {
  redraw = draw;
  onSignIn(showCaller);
  speak(name, spoken());
  // What is jumped to must not end under the head, which stays at the top.
  const head = document.querySelector("header");
  new ResizeObserver(() => {
    const sticky = getComputedStyle(head).position === "sticky";
    document.documentElement.style.setProperty("--head", `${sticky ? head.offsetHeight : 0}px`);
  }).observe(head);
}
