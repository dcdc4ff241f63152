// How things stand: vectors, queues, runs, failures, evaluations.
import { $, element, link, table } from "../common/dom.js";
import { open } from "../common/head.js";
import { moment, number, texts } from "../common/language.js";
import { showFailure, translated } from "../common/message.js";
import { history } from "./plot.js";
import { followed } from "../common/progress.js";
import { unserved } from "../common/queues.js";
import { call } from "../common/server.js";
import { called } from "../common/values.js";

const found = {}; // what each section shows, or why it shows nothing
const MEASURE = "nDCG@10";

const SECTIONS = {
  queues: { load: () => call("/queues"), draw: unserved },
  coverage: {
    load: () => call("/coverage"),
    draw: (rows) => rows.length === 0 ? [element("p", "soft", texts().noVectors)] : rows.map(covered),
  },
  running: {
    load: () => call("/runs?limit=8"),
    draw: (rows) => rows.length === 0 ? [element("p", "soft", texts().noRuns)] : rows.map((run) => followed(run, load)),
  },
  failures: {
    load: () => call("/failures?limit=20"),
    draw: (rows) => rows.length === 0
      ? [element("p", "soft", texts().noFailures)]
      : [table(texts().failureColumns, rows.map((f) => [called(f.kind, "KINDS"), itemLink(f), f.space || "", f.attempts ?? "", translated(f.error)]))],
  },
  evaluation: { load: evaluations, draw: (plots) => plots.length ? plots.map((p) => history(p.points, p.caption)) : [element("p", "soft", texts().noEvaluations)] },
};

function covered(row) {
  const box = element("div", "coverage");
  const head = element("div", "head");
  head.append(element("b", "", row.collection), element("span", "soft", `${row.space}/${row.generation}`));
  const waiting = row.stale + row.missing;
  const bar = element("div", "stacked");
  bar.setAttribute("role", "img");
  const parts = [["fresh", row.fresh], ["waiting", waiting], ["failed", row.failed], ["without_text", row.without_text]];
  const said = parts.filter(([, n]) => n).map(([name, n]) => `${texts().vectors[name]} ${number(n)}`);
  bar.ariaLabel = said.join(", ");
  for (const [name, n] of parts) {
    const part = element("span", name);
    part.style.flexGrow = n;
    bar.append(part);
  }
  box.append(head, bar, element("p", "soft", said.join(" · ")));
  return box;
}

function itemLink(failure) {
  if (!failure.item_id) return failure.query || "";
  return link(`/item?id=${failure.item_id}`, failure.external_id);
}

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
    if (error) {
      const box = element("div");
      showFailure(error, { where: box, again: load });
      $(name).replaceChildren(box);
    } else if (rows) $(name).replaceChildren(...section.draw(rows));
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
setInterval(() => { if (!document.hidden) load(); }, 30_000);
