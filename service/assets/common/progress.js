// Progress of a run: its stages, updated live while it runs.
import { element } from "./dom.js";
import { moment, number, texts } from "./language.js";
import { translated } from "./message.js";
import { called, stageCalled } from "./values.js";
import { told } from "../texts/quality.js";

// Translates the name of a count, that of what a rule of contradictions could not judge among them.
function countCalled(name) {
  const [, rule, reason] = name.match(/^unjudged (\w+): (.*)$/) || [];
  if (!rule) return called(name, "COUNTS");
  return `${called("unknown", "COUNTS")} (${told().rules[rule] || rule}: ${told().reasons[reason] || reason})`;
}

// Writes the counts of a run that are not zero in one line.
export const counted = (counts) =>
  Object.entries(counts).filter(([, n]) => n).map(([name, n]) => `${countCalled(name)} ${number(n)}`).join(" · ");

function bar(stage, values) {
  const done = values.done || 0;
  const all = done + (values.waiting || 0) + (values.failed || 0);
  const meter = Object.assign(element("progress"), { max: all || 1, value: done, ariaLabel: stageCalled(stage) });
  const rate = values.rate ? texts().perSecond(number(values.rate, 1)) : "";
  const failed = values.failed ? texts().failedN(values.failed) : "";
  const others = values.others ? texts().othersN(number(values.others)) : "";
  const told = [`${number(done)} / ${number(all)}`, rate, failed, others].filter(Boolean).join(" · ");
  return element("div", "stage", element("span", "leg-name", stageCalled(stage)), meter, element("span", "", told));
}

function fillRun(box, run) {
  const state = element("span", `state ${run.state}`, texts().states[run.state] || run.state);
  const head = element("div", "head",
    element("b", "", `#${run.run_id} ${called(run.kind, "KINDS")}`), state, element("span", "soft", moment(run.started_at)));
  const stages = Object.entries(run.stages).filter(([, values]) => values?.done || values?.waiting || values?.failed);
  box.replaceChildren(head, ...stages.map(([stage, values]) => bar(stage, values)));
  if (run.args.collection) head.append(element("span", "soft", run.args.collection));
  const counts = counted(run.counts);
  if (counts) box.append(element("p", "soft", counts));
  if (run.error) box.append(element("p", "wrong", translated(run.error)));
  if (run.errors) box.append(element("p", "wrong", texts().refusedN(run.errors)));
}

// Creates a box that follows the run to its end; `onEnd` is called once, with the run.
export function followed(run, onEnd = () => {}) {
  const box = element("div", "run");
  box.dataset.run = run.run_id;
  fillRun(box, run);
  if (run.state !== "running") return box;
  const source = new EventSource(`/runs/${run.run_id}/events`);
  const take = (event) => {
    if (!box.isConnected) return source.close();
    return fillRun(box, JSON.parse(event.data));
  };
  source.addEventListener("progress", take);
  source.addEventListener("end", (event) => {
    source.close();
    take(event);
    onEnd(JSON.parse(event.data));
  });
  return box;
}
