// Administration: what is missing, generations of vector spaces, the schedule, backups, API keys.
import { $, element, fill, listed, table } from "../common/dom.js";
import { open } from "../common/head.js";
import { moment, texts } from "../common/language.js";
import { loaded } from "../common/message.js";
import { unserved } from "../common/queues.js";
import { call, may } from "../common/server.js";
import { rest } from "../common/writing.js";
import { words } from "../texts/admin.js";
import * as generations from "./generations.js";
import { drawBackups, drawPrograms, drawSchedule, loadBackups, loadSchedule } from "./schedule.js";
import { shardTable } from "./shards.js";
import { acting, write } from "./writes.js";

const LOOK_MS = 5000;
let queues = null;
let keys = null;
let shards = null;
let collections = [];
let admin = false;

function drawMissing() {
  drawPrograms(queues);
  $("unserved").replaceChildren(...listed(unserved(queues), words().allServed, (all) => all));
}

function drawKeys() {
  const t = words();
  const drawn = keys.map((row) => [
    row.name, row.prefix, texts().scopes[row.scope], row.collections?.join(", ") || t.all, t.keyStates[row.state],
    row.expires_at ? moment(row.expires_at) : t.never, moment(row.last_used_at), ends(row),
  ]);
  $("keys").replaceChildren(...listed(drawn, t.noKeys, () => [table(t.keyColumns, drawn)]));
  fill($("key-scope"), ["reader", "writer", "admin"].map((one) => [one, texts().scopes[one]]));
  fill($("key-collection"), [["", t.all], ...collections.map(({ collection }) => [collection, collection])]);
  rest();
}

function ends({ name, prefix, state }) {
  if (state !== "valid" && state !== "replaced") return "";
  const rotate = write(words().rotate, async () => told(await call(`/keys/${prefix}/rotation`, {}, "POST")), words().rotateSure(name));
  const revoke = write(words().revoke, async () => {
    await call(`/keys/${prefix}`, undefined, "DELETE");
    await loadKeys();
  }, words().revokeSure(name));
  return element("div", "row", ...(state === "valid" ? [rotate] : []), revoke);
}

// Shows a new key, this once. Whoever made the first one needs it for the next request.
async function told({ token }) {
  $("token").replaceChildren(element("p", "", words().tokenOnce), element("code", "", token));
  $("token").hidden = false;
  await loadKeys();
}

function drawShards() {
  $("servers").hidden = shards.length === 0;
  $("shards").replaceChildren(shardTable(shards));
}

async function loadShards() {
  shards = await call("/shards");
  drawShards();
}

async function loadKeys() {
  keys = await call("/keys");
  drawKeys();
}

async function loadMissing() {
  queues = await call("/queues");
  drawMissing();
}

async function begin() {
  admin = await may("admin");
  $("reader-only").hidden = admin;
  $("make").hidden = !admin;
  await Promise.all([
    loaded($("unserved"), loadMissing),
    loaded($("generations"), () => generations.load(admin)),
    loaded($("schedule"), () => loadSchedule(admin)),
    loaded($("backups"), () => loadBackups(admin)),
    loaded($("shards"), loadShards),
    admin && loaded($("keys"), async () => {
      collections = await call("/collections");
      await loadKeys();
    }),
  ]);
}

$("make").addEventListener("submit", (event) => {
  event.preventDefault();
  acting(async () => {
    const [days, collection] = [Number($("key-days").value), $("key-collection").value];
    const made = { name: $("key-name").value.trim(), scope: $("key-scope").value, ...(days && { days }), ...(collection && { collections: [collection] }) };
    await told(await call("/keys", made));
    $("make").reset();
  })();
});
setInterval(() => {
  if (document.hidden) return;
  if (generations.building()) generations.load(admin).catch(() => {}); // the next look tells
  loadMissing().catch(() => {});
}, LOOK_MS);
open("admin", () => {
  if (queues) drawMissing();
  generations.draw();
  drawSchedule();
  drawBackups();
  if (shards) drawShards();
  if (keys) drawKeys();
}, words);
begin();
