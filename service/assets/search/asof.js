// Day as of which a collection is searched whose items are valid for a time: its field, and what is found without it.
import { $ } from "../common/dom.js";
import { value } from "../common/values.js";
import { law } from "../texts/law.js";

const EVER = "ever";

// Reads a day from the address: 2020-01-31, or `ever` for all times; anything else is today.
export const dayIn = (text) =>
  (text === EVER || (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))) ? text : "");

// Returns what the field asks for.
export const dayAsked = () => ($("ever").checked ? EVER : $("as-of").value);

// Names a day that was chosen.
export const dayCalled = (day) => (day === EVER ? law().chosenEver : law().chosen(value("day", day)));

// Shows the field where the collection is dated, with the day of the state.
export function showDay(dated, day) {
  $("dated").hidden = !dated;
  $("ever").checked = day === EVER;
  $("as-of").value = day === EVER ? "" : day;
  $("as-of").disabled = day === EVER;
  for (const name of ["day", "ever"]) document.querySelector(`[data-law=${name}]`).textContent = law()[name];
  $("as-of-told").textContent = day === EVER ? law().always : day ? law().then(value("day", day)) : law().today;
}

// Calls `act` when another day is chosen. A day that is being typed is not whole yet: its field is empty then.
export function followDay(act) {
  $("as-of").addEventListener("change", act);
  $("ever").addEventListener("change", act);
}
