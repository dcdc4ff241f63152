// Line above the results about a mistyped query: a correction offered, or one that was searched for.
import { $, button, element } from "../common/dom.js";
import { texts } from "../common/language.js";

// Shows the line. meant: `did_you_mean` of an answer, or nothing. search: called with the words to search for, and
// whether they are meant as they stand.
export function showCorrection(meant, search) {
  $("meant").hidden = !meant;
  if (!meant) return $("meant").replaceChildren();
  const corrected = button("link", () => search(meant.query, false), element("b", "", meant.query));
  if (!meant.applied) return $("meant").replaceChildren(element("span", "", texts().didYouMean), corrected);
  const typed = button("link", () => search(meant.typed, true), meant.typed);
  $("meant").replaceChildren(
    element("span", "", texts().resultsFor), element("b", "", meant.query),
    element("span", "soft", texts().insteadFor), typed,
  );
}
