// The loop of training: pairs, runs with live curves, gates, and what each step left out.
import { $, element, listed } from "../common/dom.js";
import { open } from "../common/head.js";
import { moment, number } from "../common/language.js";
import { loaded, reporting } from "../common/message.js";
import { call } from "../common/server.js";
import { reason, words } from "../texts/training.js";
import { curve } from "./curve.js";

const PAGE = 50;
const LOOK_MS = 3000;
let steps = null; // the latest first; null: not loaded
let more = false;
const curves = new Map(); // points by step

// Groups steps that are linked by what they made; the group with the latest step first.
function loops() {
  const found = [];
  for (const step of [...steps].reverse()) {
    const from = new Set(step.made_from);
    const linked = found.filter((loop) => loop.some((one) => one.made.some((digest) => from.has(digest))));
    const loop = [...linked.flat(), step].sort((a, b) => a.step_id - b.step_id);
    for (const old of linked) found.splice(found.indexOf(old), 1);
    found.push(loop);
  }
  return found.sort((a, b) => b.at(-1).step_id - a.at(-1).step_id);
}

function refusals(step) {
  const told = Object.entries(step.refused);
  const left = told.length ? `${words().refused}: ${told.map(([why, n]) => `${reason(why)} ${number(n)}`).join(" · ")}` : words().nothing;
  return [element("p", told.length ? "left-out" : "soft", left), step.error ? element("p", "wrong", step.error) : ""];
}

// The database keeps keys in an order of its own.
const MEASURES = ["nDCG@10", "R@10", "RR@10"];
const figures = (values) => MEASURES.filter((name) => name in values).map((name) => `${name} ${values[name].toFixed(4)}`).join(" · ");

function runFacts(step) {
  const { measures = {}, before = {}, profile, best_step: best, steps: all, settings = {} } = step.facts;
  const rows = [];
  if (settings.kind in words().encoders) rows.push(words().encoders[settings.kind]);
  if (step.state === "running") rows.push(words().progress(number(step.last_at || 0), number(all || 0)));
  if (Object.keys(before).length) rows.push(`${words().before}: ${figures(before)}`);
  if (Object.keys(measures).length) rows.push(`${figures(measures)}${best == null ? "" : ` · ${words().best(number(best))}`}`);
  if (profile?.steps) rows.push(`${words().ms}: ${Object.entries(words().phases).map(([name, called]) => `${called} ${number(profile.phases[name])}`).join(" · ")}`);
  const changed = Object.entries(settings).map(([key, value]) => `${key}=${value}`).join(", ");
  if (changed) rows.push(`${words().changes}: ${changed}`);
  return rows;
}

function facts(step) {
  if (step.kind === "run") return runFacts(step);
  if (step.kind === "gate") {
    const { reason: why, compared = [], generation } = step.facts;
    return [why, ...compared, generation ? words().live(generation) : step.state === "running" ? "" : words().notLive].filter(Boolean);
  }
  const { files = {}, sources = {} } = step.facts;
  return [
    Object.entries(files).map(([file, n]) => `${file}: ${number(n)}`).join(" · "),
    Object.entries(sources).map(([source, n]) => `${source} ${number(n)}`).join(" · "),
  ].filter(Boolean);
}

function stepBox(step) {
  const head = element("div", "head", element("b", "", words().kinds[step.kind]),
    element("span", `state ${step.state === "refused" ? "failed" : step.state}`, words().states[step.state]),
    element("span", "soft", moment(step.started_at)));
  const box = element("li", `step ${step.kind}`, head, element("p", "name", step.name),
    ...facts(step).map((line) => element("p", "", line)), ...refusals(step));
  const points = curves.get(step.step_id);
  if (points?.length) {
    const key = ["loss", "held", "ndcg", "recall"].map((kind) => element("span", `key ${kind}`, { loss: words().loss, held: words().held, ndcg: "nDCG@10", recall: "R@10" }[kind]));
    box.append(curve(points, words().curve), element("p", "keys", ...key));
  }
  return box;
}

function draw() {
  if (!steps) return;
  const none = element("div", "", element("p", "soft", words().none), element("p", "soft", words().noneHint));
  const boxes = loops().map((loop) => element("section", "loop", element("p", "soft chain", words().chain), element("ol", "steps", ...loop.map(stepBox))));
  $("loops").replaceChildren(...listed(boxes, "", () => boxes));
  if (!boxes.length) $("loops").replaceChildren(none);
  $("older").hidden = !more;
}

// Adds what came to the curve of a run since.
async function follow(step) {
  const known = curves.get(step.step_id) || [];
  const after = known.at(-1)?.at ?? -1;
  if (step.last_at === null || (step.state !== "running" && after >= step.last_at)) return;
  // The last point may have gained its measures: it is asked for again.
  const next = await call(`/training/steps/${step.step_id}/curve?after=${Math.max(-1, after - 1)}`);
  const from = next[0]?.at ?? Infinity;
  curves.set(step.step_id, [...known.filter((one) => one.at < from), ...next]);
}

async function look() {
  const latest = await call(`/training/steps?limit=${PAGE}`);
  const last = latest.at(-1)?.step_id ?? 0;
  if (!steps) more = latest.length === PAGE;
  steps = [...latest, ...(steps || []).filter((step) => step.step_id < last)];
  await Promise.all(steps.filter((step) => step.kind === "run").map(follow));
  draw();
}

async function watch() {
  if (document.hidden || !steps?.some((step) => step.state === "running")) return;
  await look().catch(() => {}); // the next look tries again
}

$("older").addEventListener("click", reporting(async () => {
  const next = await call(`/training/steps?limit=${PAGE}&before=${steps.at(-1).step_id}`);
  more = next.length === PAGE;
  steps = [...steps, ...next];
  await Promise.all(next.filter((step) => step.kind === "run").map(follow));
  draw();
}));
open("training", draw);
loaded($("loops"), look);
setInterval(watch, LOOK_MS);
