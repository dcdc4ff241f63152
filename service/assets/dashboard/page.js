// Dashboard: vectors, queues, runs, failures, evaluation results.
import { $, element, link, listed, table } from "../common/dom.js";
import { open } from "../common/head.js";
import { moment, number, texts } from "../common/language.js";
import { failureBox, translated } from "../common/message.js";
import { onScheme } from "../common/plot.js";
import { forAdmins, fusion, proposals, weak } from "./learned.js";
import { history } from "./plot.js";
import { followed } from "../common/progress.js";
import { unserved } from "../common/queues.js";
import { call } from "../common/server.js";
import { called } from "../common/values.js";

const found = {}; // by section: its rows or its error
const drawn = {}; // by section: what is on the page, so that only changes are drawn
const MEASURE = "nDCG@10";

const SECTIONS = {
  queues: { load: () => call("/queues"), draw: unserved },
  coverage: {
    load: () => call("/coverage"),
    draw: (rows) => listed(rows, texts().noVectors, () => rows.map(covered)),
  },
  running: {
    load: () => call("/runs?limit=8"),
    draw: (rows) => listed(rows, texts().noRuns, () => rows.map((run) => followed(run, load))),
  },
  failures: {
    load: () => call("/failures?limit=20"),
    draw: (rows) => listed(rows, texts().noFailures, () => [table(texts().failureColumns, rows.map((f) =>
      [called(f.kind, "KINDS"), itemLink(f), f.space || "", f.attempts ?? "", translated(f.error)]))]),
  },
  fusions: {
    load: () => call("/fusions"),
    draw: (rows) => listed(rows, texts().noVectors, () => rows.map(fusion)),
  },
  weak: {
    load: () => forAdmins("/weak-queries?limit=20"),
    draw: (rows) => listed(rows || [], rows ? texts().noWeakQueries : texts().forAdmins, () => [weak(rows)]),
  },
  proposals: {
    load: () => forAdmins("/synonym-proposals?limit=20"),
    draw: (rows) => listed(rows || [], rows ? texts().noProposals : texts().forAdmins, () => [proposals(rows, load)]),
  },
  evaluation: {
    load: evaluations,
    draw: (plots) => listed(plots, texts().noEvaluations, () => plots.map((plot) => history(plot.points, plot.caption))),
  },
};

function covered(row) {
  const parts = [["fresh", row.fresh], ["waiting", row.stale + row.missing], ["failed", row.failed], ["without_text", row.without_text]];
  const said = parts.filter(([, n]) => n).map(([name, n]) => `${texts().vectors[name]} ${number(n)}`);
  if (row.unanswered.length) said.push(texts().unanswered(row.unanswered.join(", ")));
  const bar = Object.assign(element("div", "stacked"), { role: "img", ariaLabel: said.join(", ") });
  for (const [name, n] of parts) bar.appendChild(element("span", name)).style.flexGrow = n;
  const head = element("div", "head", element("b", "", row.collection), element("span", "soft", `${row.space}/${row.generation}`));
  return element("div", "coverage", head, bar, element("p", "soft", said.join(" · ")));
}

const itemLink = (failure) =>
  (failure.item_id ? link(`/item?id=${failure.item_id}`, "", failure.external_id) : failure.query || "");

// Loads the history of each query set, by collection.
async function evaluations() {
  const sets = (await call("/evaluation/sets")).filter((row) => row.source);
  const started = new Map((await call("/evaluation/runs?limit=1000")).map((run) => [run.run_id, run.started_at]));
  const plots = [];
  for (const row of sets) {
    const query = new URLSearchParams({ query_set: row.query_set, source: row.source, measure: MEASURE });
    const runs = await call(`/evaluation/history?${query}`);
    for (const collection of new Set(runs.map((run) => run.collection))) {
      const points = runs.filter((run) => run.collection === collection).map((run) => ({ ...run, at: started.get(run.run_id) }));
      plots.push({ caption: `${row.query_set} · ${collection} · ${row.source} · ${MEASURE}`, points });
    }
  }
  return plots;
}

function draw() {
  for (const [name, section] of Object.entries(SECTIONS)) {
    const { rows, error } = found[name] || {};
    const about = rows !== undefined && `${document.documentElement.lang} ${JSON.stringify(rows)}`;
    if (error) $(name).replaceChildren(failureBox(error, load));
    else if (rows !== undefined && about !== drawn[name]) $(name).replaceChildren(...section.draw(rows));
    drawn[name] = about;
  }
  if (found.at) $("message").textContent = texts().asOf(moment(found.at));
}

async function load() {
  await Promise.all(Object.entries(SECTIONS).map(async ([name, section]) => {
    try {
      found[name] = { rows: await section.load() };
    } catch (error) {
      found[name] = { error };
    }
  }));
  found.at = new Date().toISOString();
  draw();
}

open("dashboard", draw);
load();
onScheme(() => {
  delete drawn.evaluation;
  draw();
});
setInterval(() => { if (!document.hidden) load(); }, 30_000);
