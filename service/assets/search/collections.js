// Collections, and data of the current one: facets, spaces, examples, coverage by vectors.
import { call } from "../common/server.js";
import { nameKeys, sized, titleOf } from "../common/values.js";
import { facetsAsked, scalesOf } from "./results.js";

const EXAMPLES = 4;
const LOOK_MS = 30_000; // how long the coverage is cached
const LAST = "collection";
let collections = [];
let spaces = [];
let current = null;

export async function load() {
  [collections, spaces] = await Promise.all([call("/collections"), call("/spaces")]);
}

export const names = () => sized(collections);
export const has = (name) => collections.some((row) => row.collection === name);

// Returns the default collection: the last choice, or the largest.
export function usual() {
  const last = localStorage.getItem(LAST);
  if (has(last)) return last;
  return collections.reduce((most, row) => (row.items > most.items ? row : most)).collection;
}

export const choose = (name) => localStorage.setItem(LAST, name);

// Makes a collection the current one, and loads its facet keys and example titles once.
export async function enter(name) {
  current = collections.find((row) => row.collection === name);
  nameKeys(current?.labels);
  if (!current || current.facets) return;
  const url = `/collections/${encodeURIComponent(name)}`;
  const row = current;
  const asked = Promise.all([call(`${url}/facets?limit=6`), call(`${url}/items?limit=${EXAMPLES}`)]);
  const [keys, items] = await asked.catch((error) => {
    if (error.kind === "shard-unavailable") return []; // a search may be answered without it; asked again next time
    throw error;
  });
  if (!keys) return;
  row.examples = [...new Set(items.map((item) => titleOf(item)[1]).filter((title) => title.length <= 90))];
  row.facets = keys.map((key) => key.field);
  row.scales = scalesOf(items);
}

// Loads the coverage beside a search, which can then tell what is missing.
export async function look(name) {
  const row = collections.find((one) => one.collection === name);
  if (!row || (row.coverage && Date.now() - row.looked < LOOK_MS)) return;
  row.looked = Date.now();
  row.coverage = await call(`/coverage?collection=${encodeURIComponent(name)}`).catch(() => null);
}

const fed = () => Object.keys(current?.vector_sources || {});

export const examples = () => current?.examples || [];
export const facets = () => facetsAsked(current?.facets || [], scales());
export const scales = () => current?.scales || [];
export const sortKeys = () => [...new Set([...scales(), ...(current?.facets || [])])];
export const collapsedBy = () => current?.shape?.collapse?.field || "";
export const fedSpaces = () => spaces.filter((space) => fed().includes(space.space));
export const readable = () => "ocr" in (current?.picture_readers || {});
export const takesPictures = () => readable() || fedSpaces().some((space) => space.modality !== "text");
export const ways = () => ["lexical", "identifier", ...fedSpaces().map((space) => space.space)];
export const sharded = () => Boolean(current?.shards?.length);
export const dated = () => Boolean(current?.dated);
export const lacks = () => ({ coverage: current?.coverage ?? null, fed: fed(), spaces });
