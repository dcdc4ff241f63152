// Events, the newest first.
import { $, element, fill, link, listed, table } from "../common/dom.js";
import { moment, texts } from "../common/language.js";
import { reporting } from "../common/message.js";
import { call } from "../common/server.js";
import { called } from "../common/values.js";
import { told } from "../texts/webhooks.js";

const PAGE = 30;
let events = null;
let more = false;

export const kindName = (kind) => told().kinds[kind] || kind;
export const KINDS = ["analysis.judged", "analysis.labelled", "run.finished", "job.failed", "drift.measured"];

export async function loadEvents() {
  events = await page();
  drawEvents();
}

async function page(before) {
  const query = new URLSearchParams({ newest: true, limit: PAGE });
  if (before) query.set("before", before);
  if ($("kind").value) query.set("kind", $("kind").value);
  const found = await call(`/events?${query}`);
  more = found.length === PAGE;
  return found;
}

export function drawEvents() {
  fill($("kind"), [["", told().everyKind], ...KINDS.map((kind) => [kind, kindName(kind)])]);
  $("later").hidden = !more;
  if (!events) return;
  $("events").replaceChildren(...listed(events, told().noEvents, () => [table(told().eventColumns, events.map((one) =>
    [`#${one.event_id}`, moment(one.at), kindName(one.kind), element("div", "", gist(one), content(one))]))]));
}

// Says in a line what happened, with a link where there is something to see.
function gist({ kind, data }) {
  if (data.analysis_id) {
    const verdict = data.said ? texts().verdicts[data.said] : texts().verdicts[data.verdict];
    return link(`/defects#a=${data.analysis_id}`, "", [data.product, verdict, data.said_defect || data.defect].filter(Boolean).join(" · "));
  }
  if (kind === "run.finished") return link("/activity", "", `${called(data.kind, "KINDS")} ${told().run(data)} · ${texts().states[data.state] || data.state}`);
  if (kind === "job.failed") return element("span", "", told().job(data));
  return element("span", "", [data.space || data.product, data.view].filter(Boolean).join(" · "));
}

const content = ({ data }) =>
  element("details", "", element("summary", "", told().content), element("pre", "json", JSON.stringify(data, null, 2)));

$("kind").addEventListener("change", reporting(loadEvents));
$("later").addEventListener("click", reporting(async () => {
  events = [...events, ...(await page(events.at(-1).event_id))];
  drawEvents();
}));
