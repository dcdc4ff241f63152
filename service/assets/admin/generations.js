// Generations of vector spaces: their progress, and started, switched, dropped and rolled back.
import { $, element, fill, listed, table } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { call } from "../common/server.js";
import { rest } from "../common/writing.js";
import { words } from "../texts/admin.js";
import { acting, write } from "./writes.js";

let spaces = null;
let encoders = [];
let rights = false;

export async function load(admin) {
  rights = admin;
  [spaces, encoders] = await Promise.all([call("/generations"), call("/encoders")]);
  draw();
}

export const building = () => Boolean(spaces?.some((row) => row.status === "building"));

export function draw() {
  if (!spaces) return;
  const t = words();
  const drawn = spaces.map((row) => [
    row.space, `@${row.generation}`, t.statuses[row.status] || row.status, row.encoder, progress(row), rights ? acts(row) : "",
  ]);
  $("generations").replaceChildren(...listed(drawn, t.noSpaces, () => [table(t.columns, drawn)]));
  $("build").hidden = !rights || !spaces.length;
  fill($("build-space"), [...new Set(spaces.map((row) => row.space))].map((name) => [name, name]));
  fill($("build-encoder"), encoders.map(({ name, modality, dim, state }) => [name, t.encoder(name, t.modalities[modality], dim, t.states[state])]));
  rest();
}

function progress({ fresh, items, rate, waiting, failed, unanswered }) {
  const t = words();
  if (items === null) return "";
  const told = [t.fresh(number(fresh), number(items), rate ? number(rate, 1) : 0), waiting ? t.waits(number(waiting)) : "", failed ? t.failed(number(failed)) : "", unanswered ? texts().unanswered(unanswered) : ""];
  const bar = Object.assign(element("progress"), { max: items || 1, value: fresh, ariaLabel: told[0] });
  return element("div", "", bar, " ", told.filter(Boolean).join(" · "));
}

const url = (space, what) => `/spaces/${encodeURIComponent(space)}/${what}`;

// Queues what a scheduler does, and says so.
async function queued(path, body, method = "POST") {
  const { job_id: id } = await call(path, body, method);
  $("asked").textContent = words().queued(id);
}

function acts(row) {
  const t = words();
  const before = spaces.some((one) => one.space === row.space && one.status === "retired");
  const made = [];
  if (row.status === "building") {
    made.push(write(t.switchNow, () => queued(url(row.space, "switch"), { force: false }), t.switchSure(row.space)));
    made.push(write(t.switchForce, () => queued(url(row.space, "switch"), { force: true }), t.forceSure(row.space)));
  }
  if (row.status === "live" && before) {
    made.push(write(t.rollBack, async () => {
      await call(url(row.space, "rollback"), {}, "POST");
      await load(rights);
    }, t.rollBackSure(row.space)));
  }
  if (row.status !== "live") {
    made.push(write(t.dropIt, () => queued(url(row.space, `generations/${row.generation}`), undefined, "DELETE"), t.dropSure(`${row.space}@${row.generation}`)));
  }
  return element("div", "row wrapped", ...made);
}

$("build").addEventListener("submit", (event) => {
  event.preventDefault();
  acting(async () => {
    const rate = Number($("build-rate").value);
    await queued(url($("build-space").value, "generations"), { encoder: $("build-encoder").value, ...(rate && { max_rate: rate }) });
  })();
});
