// Header of every page: navigation, the signed-in user, the language.
import { $, button, element, link } from "./dom.js";
import { remember, speak as setLanguage, spoken, texts } from "./language.js";
import { caller, onSignIn, signOut } from "./server.js";

const PAGES = [["search", "/"], ["data", "/data"], ["dashboard", "/dashboard"], ["activity", "/activity"], ["compare", "/compare"], ["label", "/label"], ["evaluation", "/evaluation"], ["training", "/training"], ["quality", "/quality"], ["defects", "/defects"], ["webhooks", "/notifications"], ["admin", "/admin"]];
// Pages that share an entry of the navigation: tabs under it.
const TABS = { defects: ["defects", "batches", "manuals", "products", "statistics"] };
const groupOf = (name) => Object.keys(TABS).find((group) => TABS[group].includes(name)) || name;
let redraw = () => {};
let own = () => ({}); // texts of the page besides those of all pages

function fillHead(name) {
  const icon = Object.assign(element("img"), { src: "/assets/icon.svg", alt: "", width: 28, height: 28 });
  const links = PAGES.map(([page, path]) => Object.assign(link(path, "", texts()[page]), page === groupOf(name) && { ariaCurrent: "page" }));
  const nav = element("nav", "", ...links, link("/docs", "", texts().api));
  nav.ariaLabel = texts().pages;
  const tools = element("div", "tools", element("span", "who"), languages(name));
  const brand = Object.assign(link("/", "brand", icon, element("span", "", "Seogo")), { ariaLabel: "Seogo" });
  $("bar").replaceChildren(brand, nav, tools);
  showCaller();
  fillTabs(name);
  nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

function fillTabs(name) {
  const links = (TABS[groupOf(name)] || []).map((page) => Object.assign(link(`/${page}`, "", own().tabs[page]), page === name && { ariaCurrent: "page" }));
  $("tabs")?.replaceChildren(...links);
  links.find((one) => one.ariaCurrent)?.scrollIntoView({ block: "nearest", inline: "center" });
}

function languages(name) {
  const choices = [["ko", "한국어"], ["en", "English"]].map(([lang, called]) => Object.assign(button("", () => {
    remember(lang);
    speak(name, lang);
    document.querySelector(`.languages [lang=${lang}]`)?.focus();
  }, called), { lang, ariaPressed: String(lang === spoken()) }));
  return Object.assign(element("span", "languages", ...choices), { role: "group", ariaLabel: texts().language });
}

async function showCaller() {
  const asks = await caller();
  const where = document.querySelector(".who");
  if (!asks?.key || !where) return; // without keys local callers are admitted, and have no name
  const name = texts().signedIn(asks.name, texts().scopes[asks.scope]);
  where.replaceChildren(element("span", "soft", name), button("toggle", signOut, texts().signOut));
}

// Shows the page in a language.
function speak(name, code) {
  setLanguage(code);
  const said = { ...texts(), ...own() };
  titled(name === "search" ? "" : said[name]);
  fillHead(name);
  document.querySelectorAll("[data-text]").forEach((e) => { e.textContent = said[e.dataset.text]; });
  document.querySelectorAll("[data-label]").forEach((e) => { e.ariaLabel = said[e.dataset.label]; });
  document.querySelectorAll("[data-hint]").forEach((e) => { e.placeholder = said[e.dataset.hint]; });
  redraw();
}

// Sets the title of the tab: the most specific part first.
export function titled(...parts) {
  document.title = [...parts.filter(Boolean), "Seogo"].join(" · ");
}

// Draws the header; `draw` redraws the page's content after a change of language. told: texts of the page's own.
export function open(name, draw, told = () => ({})) {
  redraw = draw;
  own = told;
  onSignIn(showCaller);
  speak(name, spoken());
  // Targets of jumps must not be hidden under the sticky header.
  const head = document.querySelector("header");
  new ResizeObserver(() => {
    const sticky = getComputedStyle(head).position === "sticky";
    document.documentElement.style.setProperty("--head", `${sticky ? head.offsetHeight : 0}px`);
  }).observe(head);
}
