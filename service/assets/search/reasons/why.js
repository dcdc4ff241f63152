// Reasons of a result in words, fetched when somebody asks: which ways found it at which rank, which words met, what the
// ways weigh.
import { button, element } from "../../common/dom.js";
import { number, texts } from "../../common/language.js";
import { call } from "../../common/server.js";
import { called } from "../../common/values.js";
import { finding } from "../../texts/finding.js";
import { legCalled, ordered } from "./legs.js";
import { wordsThatMet } from "./matches.js";

// Creates the button and the panel that it opens. explained(): the report of each leg, fetched once for all results.
export function why(hit, { collection, query, spaces, reranker, explained }) {
  const panel = Object.assign(element("div", "why"), { hidden: true, ariaLive: "polite" });
  const toggle = button("toggle", async () => {
    panel.hidden = !panel.hidden;
    toggle.ariaExpanded = String(!panel.hidden);
    if (panel.hidden || panel.childElementCount) return;
    panel.replaceChildren(element("p", "soft", finding().loading));
    panel.replaceChildren(...await reasons(hit, { collection, query, spaces, reranker, explained })
      .catch(() => [element("p", "soft", finding().failed)]));
  }, finding().why);
  toggle.ariaExpanded = "false";
  return { toggle, panel };
}

async function reasons(hit, asked) {
  const t = finding();
  const legs = ordered(hit.legs);
  if (!legs.length) return [element("p", "", t.sorted)];
  const [report, words] = await Promise.all([asked.explained(), metWords(hit, asked)]);
  const lines = legs.filter(([, given]) => given)
    .map(([name, given]) => element("li", "", element("b", "", t.foundBy(legCalled(name), number(given.rank))), " – ",
      t.kinds[kindOf(name, asked.spaces)], name === "lexical" ? metList(words) : ""));
  const absent = legs.filter(([, given]) => !given).map(([name]) => element("li", "soft", t.notBy(legCalled(name))));
  return [element("ul", "", ...lines, ...absent), ...unmet(words),
    ...(report.length ? combined(hit, legs, report) : []),
    asked.reranker ? element("p", "", t.reranked(asked.reranker)) : "",
    element("p", "soft", t.points(number(hit.score, 4))), ...await wordsThatMet(hit, asked)].filter(Boolean);
}

function kindOf(name, spaces) {
  if (name.startsWith("like-")) return "like";
  return spaces.find((one) => one.space === name)?.modality ?? name;
}

async function metWords(hit, { collection, query }) {
  if (!query) return [];
  const asked = new URLSearchParams({ query, item_id: hit.item_id });
  return call(`/collections/${encodeURIComponent(collection)}/met-words?${asked}`);
}

const bare = (word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "") || word; // without a full stop or brackets

const byWord = (rows) => Map.groupBy(rows, (row) => row.no);

function metList(rows) {
  const met = rows.filter((row) => row.field);
  const lines = [...byWord(met).values()].map((found) => element("li", "", finding().met(found[0].word,
    found.map((row) => finding().metAs(bare(row.matched), called(row.field), row.hits)).join(", "))));
  return lines.length ? element("ul", "", ...lines) : "";
}

function unmet(rows) {
  const words = rows.filter((row) => !row.field).map((row) => row.word);
  return words.length ? [element("p", "", finding().unmet(words.join(", ")))] : [];
}

// Says how the ways were combined, and how much of the score each gave where ranks are added up.
function combined(hit, legs, report) {
  const t = finding();
  const { fusion, k_rrf: smoothing, profile } = report[0].detail;
  const weight = (name) => report.find((one) => one.leg === name)?.weight ?? 1;
  const lines = [t.methods[fusion], t.weights(legs.map(([name]) => t.weight(legCalled(name), number(weight(name), 2))).join(", "))];
  const found = legs.filter(([, given]) => given);
  if (fusion === "rrf" && found.length > 1) {
    const parts = found.map(([name, given]) => [name, weight(name) / (smoothing + given.rank)]);
    const all = parts.reduce((sum, [, part]) => sum + part, 0);
    lines.push(t.shares(parts.map(([name, part]) => t.share(legCalled(name), number((100 * part) / all))).join(", ")));
  }
  if (profile) lines.push(t.profile(profile));
  if (hit.legs.identifier && report.some((one) => one.detail.leads)) lines.push(t.leads);
  return lines.filter(Boolean).map((line) => element("p", "", line));
}
