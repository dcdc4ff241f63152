// Pins and synonyms of the collection, which admins manage below the results.
import { $ } from "../common/dom.js";
import { addPin, showPins } from "./shaping.js";
import { addSynonyms, showSynonyms } from "./synonyms.js";

// Shows both; again() repeats the search after a change.
export function showManaged(collection, again) {
  showPins(collection, again);
  showSynonyms(collection, again);
}

// Makes the forms write. collection() returns the one that is searched.
export function manage(collection, again) {
  for (const [form, add] of [["pin", addPin], ["synonym", addSynonyms]]) {
    $(form).addEventListener("submit", (event) => {
      event.preventDefault();
      add(collection(), again);
    });
  }
}
