// Administration: what is missing, generations of vector spaces, API keys.
import { $, button, element, fill, listed, table } from "../common/dom.js";
import { open } from "../common/head.js";
import { moment, number, texts } from "../common/language.js";
import { loaded, reporting } from "../common/message.js";
import { unserved } from "../common/queues.js";
import { call, may } from "../common/server.js";
import { rest, writing } from "../common/writing.js";
import { words } from "../texts/admin.js";
import { shardTable } from "./shards.js";

const LOOK_MS = 5000;
let queues = null;
let spaces = null;
let keys = null;
let shards = null;
let collections = [];
let admin = false;

const acting = (work) => () => writing(reporting(work));

function write(name, work) {
  const made = button("small", acting(work), name);
  made.dataset.writes = "";
  return made;
}

const command = (...lines) => element("p", "soft", lines[0], " ", element("code", "", lines[1]));

function drawMissing() {
  $("unserved").replaceChildren(...listed(unserved(queues), words().allServed, (all) => all));
}

function drawGenerations() {
  const t = words();
  const drawn = spaces.map((row) => [
    row.space, `@${row.generation}`, t.statuses[row.status] || row.status, row.encoder, progress(row), admin ? back(row) : "",
  ]);
  const building = spaces.filter((row) => row.status === "building");
  $("generations").replaceChildren(
    ...listed(drawn, t.noSpaces, () => [table(t.columns, drawn)]),
    ...building.map((row) => command(t.switchHint, `seogo reembed switch --space ${row.space}`)),
    command(t.startHint, "seogo reembed start --space text --encoder NAME"),
  );
}

function progress({ fresh, items, rate, waiting, failed, unanswered }) {
  const t = words();
  if (items === null) return "";
  const told = [t.fresh(number(fresh), number(items), rate ? number(rate, 1) : 0), waiting ? t.waits(number(waiting)) : "", failed ? t.failed(number(failed)) : "", unanswered ? texts().unanswered(unanswered) : ""];
  const bar = Object.assign(element("progress"), { max: items || 1, value: fresh, ariaLabel: told[0] });
  return element("div", "", bar, " ", told.filter(Boolean).join(" · "));
}

// Only a live generation with one before it can be rolled back.
function back(row) {
  const before = spaces.some((one) => one.space === row.space && one.status === "retired");
  if (row.status !== "live" || !before) return "";
  return write(words().rollBack, async () => {
    if (!confirm(words().rollBackSure(row.space))) return;
    await call(`/spaces/${encodeURIComponent(row.space)}/rollback`, {}, "POST");
    await loadGenerations();
  });
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
  const rotate = write(words().rotate, async () => {
    if (confirm(words().rotateSure(name))) await told(await call(`/keys/${prefix}/rotation`, {}, "POST"));
  });
  const revoke = write(words().revoke, async () => {
    if (!confirm(words().revokeSure(name))) return;
    await call(`/keys/${prefix}`, undefined, "DELETE");
    await loadKeys();
  });
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

async function loadGenerations() {
  spaces = await call("/generations");
  drawGenerations();
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
    loaded($("generations"), loadGenerations),
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
  if (!document.hidden && spaces?.some((row) => row.status === "building")) loadGenerations().catch(() => {}); // the next look tells
}, LOOK_MS);
open("admin", () => {
  if (queues) drawMissing();
  if (spaces) drawGenerations();
  if (shards) drawShards();
  if (keys) drawKeys();
}, words);
begin();
