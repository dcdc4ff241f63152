// Header of every page: navigation, the signed-in user, the language.
import { $, button, element, link } from "./dom.js";
import { remember, speak as setLanguage, spoken, texts } from "./language.js";
import { caller, onSignIn, signOut } from "./server.js";

// Entries of the navigation with their pages, which are tabs under it where there are several.
const GROUPS = {
  search: ["search"],
  data: ["data"],
  improve: ["compare", "label", "evaluation", "training"],
  defects: ["defects", "batches", "manuals", "products", "statistics"],
  operate: ["dashboard", "activity", "quality", "webhooks", "admin"],
};
const PATHS = { search: "/", webhooks: "/notifications" };
const pathOf = (page) => PATHS[page] || `/${page}`;
const groupOf = (page) => Object.keys(GROUPS).find((group) => GROUPS[group].includes(page));
let redraw = () => {};
let own = () => ({}); // texts of the page besides those of all pages

function fillHead(name) {
  const icon = Object.assign(element("img"), { src: "/assets/icon.svg", alt: "", width: 28, height: 28 });
  const links = Object.entries(GROUPS).map(([group, [first]]) =>
    Object.assign(link(pathOf(first), "", texts()[group]), group === groupOf(name) && { ariaCurrent: "page" }));
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
  const group = groupOf(name);
  const pages = GROUPS[group] || [];
  const links = pages.map((page) => Object.assign(link(pathOf(page), "", own().tabs?.[page] ?? texts()[page]), page === name && { ariaCurrent: "page" }));
  $("tabs").replaceChildren(...links);
  $("tabs").hidden = links.length < 2;
  $("tabs").ariaLabel = texts()[group] ?? "";
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
