// Fusions learned without judgments, queries asked in vain, proposals.
import { $, button, element, table } from "../common/dom.js";
import { moment, texts } from "../common/language.js";
import { failureBox } from "../common/message.js";
import { call } from "../common/server.js";

const share = (weight) => String(Math.round(weight * 100) / 100);

// Draws a line for each collection: on what its fusion rests, what it gained, which legs hardly count.
export function fusion(row) {
  const says = texts().fusionOf;
  const { gain, queries, measure, learned_at: at, quieted = {}, unjudged = [] } = row.basis;
  const weights = Object.entries(row.weights).map(([leg, weight]) => `${leg} ${share(weight)}`).join(", ");
  const parts = [says[row.rests_on], weights];
  if (gain) parts.push(says.gained(gain, measure, queries, moment(at)));
  const notes = Object.entries(quieted).map(([leg, weight]) => says.quieted(leg, share(weight)));
  if (unjudged.length) notes.push(says.unjudged(unjudged.join(", ")));
  return element("div", "coverage", element("div", "head", element("b", "", row.collection)),
    element("p", "soft", parts.filter(Boolean).join(" · ")), ...notes.map((note) => element("p", "", note)));
}

// Draws the queries that found nothing, or nothing by their words.
export const weak = (rows) => table(texts().weakColumns, rows.map((row) =>
  [row.query, row.collection, row.asked, row.nothing, row.wordless, row.weak,
    row.best_score === null ? "" : row.best_score.toFixed(3), moment(row.last_asked_at)]));

// Draws the proposals with buttons; `load` shows what is left after a decision.
export const proposals = (rows, load) => table(texts().proposalColumns, rows.map((row) =>
  [row.subject, row.collection, texts().proposalKinds[row.kind], evidence(row),
    element("span", "", decision(row, "accept", load), " ", decision(row, "refuse", load))]));

function evidence({ kind, evidence: found }) {
  if (kind === "profile") return found.why || "";
  if (kind === "labels") return texts().askedOften(found.asked, found.unanswered);
  return found.from === "log" ? found.queries.join("; ") : texts().inItems(found.items, found.both);
}

function decision(row, what, load) {
  return button("", async () => {
    try {
      await call(`/proposals/${encodeURIComponent(row.proposal)}`, { decision: what });
      $("decided").textContent = texts().decided[what](row.subject);
      await load();
    } catch (error) {
      $("decided").replaceChildren(failureBox(error, load));
    }
  }, texts().decisions[what]);
}

// Loads what only administrators may see; null for others.
export async function forAdmins(url) {
  try {
    return await call(url);
  } catch (error) {
    if (error.status === 403) return null;
    throw error;
  }
}
