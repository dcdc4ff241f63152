// Request of a search, from what was typed and chosen.

// Builds the request of a state. shelf: what the collection has. picture: the one searched by, if any. sortable: whether
// what is asked can be sorted.
export function requestOf(state, { shelf, picture, sortable }) {
  const { q, like, unlike, m, r, f, s, d, x } = state;
  const asked = { words: q, picture: picture && !picture.gone, readable: shelf.readable(), likes: like.length > 0 };
  return {
    ...(q && { query: q, highlight: true }),
    ...(state.o && { correct: "suggest" }),
    ...(like.length && { like, unlike }),
    ...(picture?.id && { picture: { id: picture.id } }),
    filter: filter(f, m, r),
    ...(d && shelf.dated() && { as_of: d }),
    ...(x && shelf.sharded() && { partial: true }),
    total: true,
    ...(s && sortable ? { sort: [s] } : { legs: legs({ ...asked, spaces: shelf.fedSpaces(), weights: state.w }) }),
    facets: shelf.facets(),
    ...(state.g && { shape: { collapse: { field: state.g } } }),
  };
}

// Combines the typed filter with the chosen ranges and facet values: a list, all of which must hold. Values are texts; in the metadata they may be numbers
// or booleans, so jsonpath compares with both.
export function filter(typed, chosen, ranges) {
  const parts = Object.entries(chosen).map(([name, value]) => {
    const wanted = [JSON.stringify(value)];
    if (value === "true" || value === "false" || (value.trim() && Number.isFinite(Number(value)))) wanted.push(value);
    return `(${wanted.map((one) => `$.${JSON.stringify(name)} == ${one}`).join(" || ")})`;
  });
  const all = [typed, ...parts, ...Object.values(ranges)].filter(Boolean);
  return all.length > 1 ? all : all[0];
}

// Returns the legs with their weights; undefined if all are equal, which is the server's default.
// A leg of weight 0 is left out, because what it alone finds would still be among the results.
// readable: numbers on the picture are read and searched for.
function legs({ words, picture, readable, likes, spaces, weights }) {
  if (Object.values(weights).every((weight) => weight === 1)) return undefined;
  const asked = [];
  const add = (leg, name) => {
    const weight = weights[name] ?? 1;
    if (weight > 0) asked.push({ ...leg, weight });
  };
  if (words || (picture && readable)) ["lexical", "identifier"].forEach((kind) => add({ kind }, kind));
  for (const { space, modality } of spaces) {
    const takes = modality === "text" ? words : modality === "image" ? picture : words || picture;
    if (takes) add({ kind: "vector", space }, space);
    if (likes) add({ kind: "like", space }, space);
  }
  return asked;
}
