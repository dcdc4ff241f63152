// Names and order of the ways of searching.
import { texts } from "../../common/language.js";
import { called } from "../../common/values.js";

const WORDS_FIRST = ["lexical", "identifier"];

export function legCalled(name) {
  const [, space] = name.match(/^like-(.+)$/) || [];
  const own = (leg) => texts().legs[leg] || called(leg); // a collection may name its spaces, too
  return space ? texts().likeLeg(own(space)) : own(name);
}

// Returns the legs of a hit as pairs: words first, meaning last, whatever their order in the response.
export function ordered(legs) {
  const place = (name) => WORDS_FIRST.indexOf(name) + 1 || WORDS_FIRST.length + 1;
  return Object.entries(legs).sort(([a], [b]) => place(a) - place(b));
}
