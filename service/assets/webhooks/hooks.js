// Webhooks: the list, making and changing one, its secret, which is shown once.
import * as address from "../common/address.js";
import { $, button, element, link, listed, table } from "../common/dom.js";
import { moment } from "../common/language.js";
import { reporting, say, translated } from "../common/message.js";
import { call } from "../common/server.js";
import { rest, writing } from "../common/writing.js";
import { told } from "../texts/webhooks.js";
import { showDeliveries } from "./deliveries.js";
import { KINDS, kindName } from "./events.js";

let hooks = null;
let changed = null; // the webhook in the form; null: a new one

const at = (name, path = "") => `/webhooks/${encodeURIComponent(name)}${path}`;
const find = (name) => hooks.find((one) => one.webhook === name);
const act = (work) => writing(reporting(work));

export async function loadHooks() {
  hooks = await call("/webhooks");
}

export function drawHooks() {
  if (!hooks) return;
  $("hooks").replaceChildren(...listed(hooks, told().noHooks, () => [table(told().hookColumns, hooks.map(row))]));
  $("adding").hidden = false;
  $("adding-title").textContent = changed ? told().change(changed) : told().add;
  const chosen = kinds();
  $("hook-kinds").replaceChildren(...KINDS.map((kind) => {
    const box = Object.assign(element("input"), { type: "checkbox", value: kind, checked: chosen.includes(kind) });
    return element("label", "check", box, kindName(kind));
  }));
}

const kinds = () => [...document.querySelectorAll("#hook-kinds input:checked")].map((one) => one.value);

function row(one) {
  const filter = Object.keys(one.filter).length ? element("code", "", JSON.stringify(one.filter)) : "";
  const what = element("span", "", (one.kinds || []).map(kindName).join(", ") || told().allKinds, filter && " ", filter);
  const state = element("div", "", element("span", `state ${one.paused ? "" : "running"}`, one.paused ? told().paused : told().active),
    one.error ? element("p", "wrong", translated(one.error)) : "");
  return [link(`/notifications#hook=${encodeURIComponent(one.webhook)}`, "", one.webhook), element("span", "url", one.url), what, state,
    one.waiting, one.dead, moment(one.delivered_at), buttons(one)];
}

function buttons(one) {
  const made = [
    [told().test, () => test(one.webhook)],
    [one.paused ? told().resume : told().pause, () => put(one.webhook, { ...settings(one), paused: !one.paused })],
    [told().rotate, () => rotate(one.webhook)],
    [told().edit, () => edit(one)],
    [told().remove, () => remove(one)],
  ].map(([name, work]) => button("small", () => act(work), name));
  for (const made1 of made) made1.dataset.writes = "";
  return element("div", "actions", ...made);
}

const settings = ({ url, kinds: of, filter, paused }) => ({ url, kinds: of, filter, paused });

async function again() {
  await loadHooks();
  drawHooks();
  rest();
}

async function put(name, body) {
  const made = await call(at(name), body, "PUT");
  say(told().saved(name));
  if (made.secret) showSecret(name, made.secret);
  await again();
}

async function test(name) {
  const { event_id: id } = await call(at(name, "/test"), undefined, "POST");
  say(told().testQueued(id));
  await again();
  await showDeliveries(name, "");
  address.write({ hook: name });
}

async function rotate(name) {
  const { secret } = await call(at(name, "/secret"), { grace_hours: 24 });
  say("");
  showSecret(name, secret, told().rotated);
}

async function edit(one) {
  changed = one.webhook;
  $("hook-name").value = one.webhook;
  $("hook-name").readOnly = true;
  $("hook-url").value = one.url;
  $("hook-filter").value = Object.keys(one.filter).length ? JSON.stringify(one.filter) : "";
  $("adding").open = true;
  drawHooks();
  for (const box of document.querySelectorAll("#hook-kinds input")) box.checked = (one.kinds || []).includes(box.value);
  $("hook-url").focus();
}

async function remove(one) {
  if (!confirm(told().really(one.webhook, one.waiting))) return;
  const { waited } = await call(at(one.webhook), undefined, "DELETE");
  say(told().gone(one.webhook, waited));
  $("secret").hidden = true;
  await showDeliveries("", "");
  address.write({});
  await again();
}

// Shows a secret until the reader says that it is kept; it is nowhere else.
function showSecret(name, secret, hint = "") {
  const shown = element("code", "secret", secret);
  const told1 = element("span", "soft");
  const copy = button("small", async () => {
    told1.textContent = await navigator.clipboard.writeText(secret).then(() => told().copied, () => told().noCopy);
  }, told().copy);
  const done = button("small", () => {
    $("secret").hidden = true;
    $("secret").replaceChildren();
  }, told().keptSecret);
  $("secret").replaceChildren(element("strong", "", told().secretTitle(name)), element("p", "", shown),
    element("p", "", [told().secretHint, hint].filter(Boolean).join(" ")), element("div", "actions", copy, done, told1));
  $("secret").hidden = false;
  $("secret").scrollIntoView({ block: "center" });
}

// Reads the condition; null when it is none.
function filter() {
  try {
    const read = JSON.parse($("hook-filter").value.trim() || "{}");
    return read && typeof read === "object" && !Array.isArray(read) ? read : null;
  } catch {
    return null;
  }
}

$("add").addEventListener("submit", (event) => {
  event.preventDefault();
  act(async () => {
    const when = filter();
    if (!when) return say(told().badFilter, "", "error");
    const name = $("hook-name").value.trim();
    const of = kinds();
    const paused = changed ? find(changed)?.paused ?? false : false;
    await put(name, { url: $("hook-url").value.trim(), kinds: of.length ? of : null, filter: when, paused });
    changed = null;
    $("hook-name").readOnly = false;
    $("add").reset();
    $("adding").open = false;
    drawHooks();
  });
});
