// State of a search, and its encoding in the address.
import { dayIn } from "./asof.js";

export const PAGE = 10;

export const EMPTY = {
  c: "", // collection
  q: "", // words
  f: "", // filter that was typed
  k: PAGE, // hits per page
  n: 0, // hits shown, where there are more than a page
  m: {}, // metadata that was chosen: key -> value
  r: {}, // ranges that were chosen: key -> filter
  s: "", // metadata key that sorts the list; - before it: the highest first
  like: [], // ids of items
  unlike: [],
  w: {}, // weights of legs, where they are not 1
  o: "", // 1: the words are meant as they were typed
  g: "", // key that results are collapsed by
  x: "", // 1: an answer without servers that do not answer will do
  d: "", // day as of which items are valid, or ever; empty: today
  p: "", // picture: the id of a stored one, or the key of an upload
};

const SIZES = [10, 20, 50, 100];
const MOST = 1000;
const ids = (text) => (text || "").split(",").map(Number).filter((id) => Number.isSafeInteger(id) && id > 0);

export function decoded(values) {
  const k = SIZES.includes(Number(values.k)) ? Number(values.k) : PAGE;
  const like = ids(values.like);
  return {
    c: values.c || "",
    q: values.q || "",
    f: values.f || "",
    k,
    n: Math.min(Number(values.n) > k ? Number(values.n) : 0, MOST),
    m: only(parsed(values.m), (value) => typeof value === "string"),
    g: values.g || "",
    r: only(parsed(values.r), (value) => typeof value === "string"),
    s: values.s || "",
    like,
    unlike: like.length ? ids(values.unlike) : [],
    w: only(parsed(values.w), (value) => typeof value === "number" && value >= 0 && value <= 3),
    o: values.o === "1" ? "1" : "",
    d: dayIn(values.d || ""),
    x: values.x === "1" ? "1" : "",
    p: /^(u-[a-z0-9]+|[1-9][0-9]*)$/.test(values.p || "") ? values.p : "",
  };
}

export function encoded(state) {
  const json = (values) => (Object.keys(values).length ? JSON.stringify(values) : "");
  return {
    c: state.c, q: state.q, f: state.f, g: state.g,
    k: state.k === PAGE ? "" : state.k,
    n: state.n > state.k ? state.n : "",
    m: json(state.m), r: json(state.r), s: state.s, like: state.like.join(","), unlike: state.unlike.join(","),
    w: json(only(state.w, (weight) => weight !== 1)), p: state.p, o: state.o, d: state.d, x: state.x,
  };
}

function parsed(text) {
  try {
    const found = JSON.parse(text || "{}");
    return found && typeof found === "object" && !Array.isArray(found) ? found : {};
  } catch {
    return {}; // somebody wrote the address by hand
  }
}

const only = (values, wanted) => Object.fromEntries(Object.entries(values).filter(([, value]) => wanted(value)));

// Whether there is something to search for.
export const asks = (state) => Boolean(state.q || state.p || state.like.length || state.s);
