// Sending of rows as items, some at a time; what is refused is named with its row, and the rest goes on.
import { Failure, call } from "../common/server.js";
import { words } from "../texts/data.js";
import { item } from "./mapping.js";
import { pictured } from "./pictures.js";

const AT_ONCE = 200;
const PICTURES_AT_ONCE = 4;
const BYTES_AT_ONCE = 8 * 1024 * 1024;
const WAIT_MS = 2000;
const COUNTED = ["inserted", "updated", "unchanged"];

// Sends rows. told({ done, inserted, updated, unchanged, refused: [{ row, id, reason }], pictureless }) after each request;
// `pictureless` are items that are written without their picture. Returns the last of them.
export async function send(collection, rows, roles, { pictures, told, stopped }) {
  const url = `/collections/${encodeURIComponent(collection)}/items`;
  const state = { done: 0, inserted: 0, updated: 0, unchanged: 0, refused: [], pictureless: [] };
  for await (const { some, refused } of pictures ? picturesOf(rows) : itemsOf(rows, roles)) {
    if (stopped()) break;
    state.refused.push(...refused);
    await write(url, some, state, stopped);
    state.done += some.length + refused.length;
    told(state);
  }
  return state;
}

async function* itemsOf(rows, roles) {
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    yield { some: rows.slice(at, at + AT_ONCE).map((row, n) => ({ row: at + n + 1, item: item(row, roles) })), refused: [] };
  }
}

// Pictures are unpacked as they go: few are in memory.
async function* picturesOf(rows) {
  let [some, refused, size] = [[], [], 0];
  for (const [at, row] of rows.entries()) {
    try {
      const made = await pictured(row);
      some.push({ row: at + 1, item: made.item });
      size += made.size;
    } catch (error) {
      refused.push({ row: at + 1, id: row.id, reason: error.message });
    }
    if (some.length + refused.length < PICTURES_AT_ONCE && size < BYTES_AT_ONCE) continue;
    yield { some, refused };
    [some, refused, size] = [[], [], 0];
  }
  if (some.length + refused.length) yield { some, refused };
}

async function write(url, some, state, stopped) {
  if (some.length === 0) return;
  let answer;
  try {
    answer = await call(url, { items: some.map((one) => one.item) });
  } catch (error) {
    if (!(error instanceof Failure) || ![413, 429].includes(error.status) || stopped()) throw error;
    if (error.status === 429) { // faster than the key may ask
      await new Promise((resolve) => { setTimeout(resolve, WAIT_MS); });
      return write(url, some, state, stopped);
    }
    // Together they are too large, or one is by itself.
    if (some.length > 1) for (const one of some) await write(url, [one], state, stopped);
    else state.refused.push({ row: some[0].row, id: some[0].item.external_id, reason: words().largeBody });
    return;
  }
  for (const key of COUNTED) state[key] += answer[key];
  for (const [kind, rows] of [["refused", answer.refused], ["pictureless", answer.refused_pictures]]) {
    state[kind].push(...rows.map(({ index, external_id: id, reason }) => ({ row: some[index].row, id, reason })));
  }
}
