// An article of law in its place: versions and what changed, neighbours, and citations both ways.
import { element, link } from "../common/dom.js";
import { texts } from "../common/language.js";
import { failureBox } from "../common/message.js";
import { call } from "../common/server.js";
import { written } from "../common/formulas.js";
import { drawnParts, goToPart, isParted } from "./parts.js";

const FIRST = 12; // links shown before the rest is unfolded
let found = null; // the answer of the server, or an error

// Loads the place of an item that has one: it is an article, has versions, or lists what it cites.
export async function loadArticle(item) {
  const { article, version_of, cites, valid_from } = item.metadata;
  if (!(article || version_of || cites || valid_from)) return;
  found = await call(`/items/${item.item_id}/article`).catch((error) => ({ error }));
}

// Names the fields that stand among the parts.
export const parted = () => (found?.parts && isParted(found.parts) ? ["text"] : []);

export function drawArticle(place, item) {
  if (!found || !item) return place.replaceChildren();
  if (found.error) return place.replaceChildren(failureBox(found.error));
  const ways = ["decree", "cites", "cited"].map((way) => [way, found.links.filter((one) => one.way === way)]);
  place.replaceChildren(
    drawnParts(found.parts, found.links),
    validity(item.metadata),
    beside(found.beside),
    ...versions(found.versions, item),
    ...changes(found.changes),
    ...ways.filter(([, links]) => links.length).map(([way, links]) => linked(texts().article[way], links)));
  goToPart();
}

const day = (text) => texts().article.day(text);

function validity({ valid_from, valid_until, decided }) {
  const told = decided ? texts().article.decided(day(decided)) : span(valid_from, valid_until);
  return told ? element("p", valid_until ? "wrong" : "soft", told) : "";
}

const span = (from, until) => texts().article.valid(from ? day(from) : "", until ? day(until) : "");

const to = (one) => link(`/item?id=${one.item_id}`, "", ...written(one.title || one.external_id));

function beside(rows) {
  if (!rows.length) return "";
  const links = ["before", "behind"].map((way) => rows.find((row) => row.way === way))
    .filter(Boolean).map((row) => element("span", "", row.way === "before" ? "← " : "", to(row), row.way === "behind" ? " →" : ""));
  const nav = element("nav", "chips", ...links);
  nav.setAttribute("aria-label", texts().article.beside);
  return nav;
}

function versions(rows, item) {
  if (rows.length < 2) return [];
  const shown = rows.map((row) => element("li", "",
    row.item_id === item.item_id ? element("strong", "", span(row.valid_from, row.valid_until))
      : link(`/item?id=${row.item_id}`, "", span(row.valid_from, row.valid_until)),
    row.today ? ` · ${texts().article.today}` : ""));
  return [element("section", "", element("h2", "", texts().article.versions), element("ul", "", ...shown))];
}

// What changed since the version before, side by side; parts that say the same are left out and counted.
function changes(rows) {
  const other = rows.filter((row) => row.change !== "same");
  if (!other.length) return [];
  const shown = other.map((row) => element("tr", "",
    element("th", "", row.path || texts().article.whole, element("p", "soft", texts().article.changes[row.change])),
    element("td", "", row.before || "–"), element("td", "", row.after || "–")));
  const head = element("tr", "", ...["part", "before", "after"].map((name) => element("th", "", texts().article.columns[name])));
  const table = element("table", "changes", element("thead", "", head), element("tbody", "", ...shown));
  const frame = element("div", "scroll", table);
  frame.tabIndex = 0;
  return [element("section", "", element("h2", "", texts().article.changed), frame,
    element("p", "soft", texts().article.same(rows.length - other.length)))];
}

function linked(title, rows) {
  const lines = rows.map((row) => element("li", "", to(row), " ", element("span", "soft", row.cited)));
  const parts = [element("h2", "", `${title} (${rows.length})`), element("ul", "near", ...lines.slice(0, FIRST))];
  if (lines.length > FIRST) {
    parts.push(element("details", "", element("summary", "", texts().article.more(lines.length - FIRST)),
      element("ul", "near", ...lines.slice(FIRST))));
  }
  return element("section", "", ...parts);
}
