// Items used as examples: what results should be like, or unlike.

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
