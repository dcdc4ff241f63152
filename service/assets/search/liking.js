// Items used as examples, what results should be like, or unlike; and their titles, by their ids.
import { plain } from "../common/formulas.js";
import { call } from "../common/server.js";
import { titleOf } from "../common/values.js";

export const titles = new Map();

export const entitle = (item) => titles.set(item.item_id, plain(titleOf(item)[1]));

// Loads titles of items that the address gives by id.
export async function name(items) {
  await Promise.all(items.filter((id) => !titles.has(id)).map(async (id) => {
    const item = await call(`/items/${id}`).catch(() => null); // the search itself reports that it is gone
    if (item) entitle(item);
  }));
}

// state() returns the state of the search, go(changes) starts the changed one.
export const likes = (state, go) => ({
  has: (way, hit) => state()[way].includes(hit.item_id),
  any: () => state().like.length > 0,
  toggle(way, hit) {
    const other = way === "like" ? "unlike" : "like";
    const mine = state()[way].filter((id) => id !== hit.item_id);
    if (!state()[way].includes(hit.item_id)) mine.push(hit.item_id);
    const changes = { [way]: mine, [other]: state()[other].filter((id) => id !== hit.item_id) };
    if (changes.like.length === 0) changes.unlike = [];
    go(changes);
  },
});
