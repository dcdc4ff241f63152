// Deliveries of one webhook: their state, the reason where they failed, sending them again.
import * as address from "../common/address.js";
import { $, button, element, listed, table } from "../common/dom.js";
import { moment } from "../common/language.js";
import { reporting, say, translated } from "../common/message.js";
import { call } from "../common/server.js";
import { rest, writing } from "../common/writing.js";
import { told } from "../texts/webhooks.js";
import { kindName } from "./events.js";

const STATES = ["", "waiting", "delivered", "dead"];
const LOOK_MS = 4000;
let hook = ""; // the webhook whose deliveries are shown
let state = "";
let rows = [];

const path = (rest1) => `/webhooks/${encodeURIComponent(hook)}/${rest1}`;
const act = (work) => writing(reporting(work));

// Shows the deliveries of a webhook; of none without a name.
export async function showDeliveries(name, wanted) {
  hook = name;
  state = STATES.includes(wanted) ? wanted : "";
  await look();
  drawDeliveries();
}

async function look() {
  const of = [hook, state].join();
  const found = hook ? await call(path(`deliveries?limit=20${state && `&status=${state}`}`)) : [];
  if (of === [hook, state].join()) rows = found;
}

export function drawDeliveries() {
  $("deliveries-section").hidden = !hook;
  if (!hook) return;
  $("deliveries-title").textContent = told().deliveriesOf(hook);
  $("delivery-states").replaceChildren(...STATES.map((name) => Object.assign(
    button("chip choice", reporting(() => choose(name)), told().states[name] || told().every), { ariaPressed: String(name === state) })));
  $("deliveries").replaceChildren(...listed(rows, told().noDeliveries, () => [table(told().deliveryColumns, rows.map(row))]));
  rest();
}

async function choose(name) {
  await showDeliveries(hook, name);
  address.write({ hook, state });
}

function row(one) {
  const again = button("small", () => act(() => replay({ event_id: one.event_id })), told().replay);
  again.dataset.writes = "";
  const kind = { dead: "failed", waiting: "running", delivered: "" }[one.state];
  return [`#${one.event_id}`, kindName(one.kind), moment(one.at), element("span", `state ${kind}`, told().states[one.state]),
    one.attempts, one.status ?? "", translated(one.error || ""), one.state === "waiting" ? moment(one.next_attempt_at) : "",
    one.state === "waiting" ? "" : again];
}

async function replay(which) {
  const { events } = await call(path("replay"), which);
  say(told().replayed(events));
  await look();
  drawDeliveries();
}

$("replay").addEventListener("click", () => act(() => replay({})));
// Attempts of a worker appear by themselves.
setInterval(async () => {
  if (document.hidden || !rows.some((one) => one.state === "waiting")) return;
  await look().catch(() => {});
  drawDeliveries();
}, LOOK_MS);
