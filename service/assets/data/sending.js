// Sending of rows as items, some at a time; what is refused is named with its row, and the rest goes on.
import { call } from "../common/server.js";
import { item } from "./mapping.js";

const AT_ONCE = 200;
const PICTURES_AT_ONCE = 4;

// Sends rows. told({ done, inserted, updated, unchanged, refused: [{ row, id, reason }] }) after each request. Returns the
// last of them.
export async function send(collection, rows, roles, { pictures, told, stopped }) {
  const url = `/collections/${encodeURIComponent(collection)}/items`;
  const step = pictures ? PICTURES_AT_ONCE : AT_ONCE;
  let state = { done: 0, inserted: 0, updated: 0, unchanged: 0, refused: [] };
  for (let at = 0; at < rows.length && !stopped(); at += step) {
    const some = rows.slice(at, at + step);
    const items = pictures ? await Promise.all(some.map(pictured)) : some.map((row) => item(row, roles));
    const answer = await call(url, { items });
    const refused = [...answer.refused, ...answer.refused_pictures];
    state = {
      done: at + some.length,
      inserted: state.inserted + answer.inserted,
      updated: state.updated + answer.updated,
      unchanged: state.unchanged + answer.unchanged,
      refused: [...state.refused, ...refused.map(({ index, external_id: id, reason }) => ({ row: at + index + 1, id, reason }))],
    };
    told(state);
  }
  return state;
}

async function pictured({ id, title, file }) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { external_id: id, fields: { title }, metadata: {}, media: [{ role: "photo", base64: btoa(text) }] };
}
