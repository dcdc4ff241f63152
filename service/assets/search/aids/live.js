// Results while typing: words and numbers first, all legs when the typing rests. Neither is a search of somebody's
// (`log` false) nor an entry of the history; what is submitted is.
import { $ } from "../../common/dom.js";

const PAUSE = 150; // ms without a key: words alone
const REST = 600; // ms without a key: all legs
const LEAST = 2; // letters
export const WORDS = [{ kind: "lexical" }, { kind: "identifier" }];

let timers = [];

export const stop = () => timers.splice(0).forEach(clearTimeout);

// preview(query, legs): shows the results of what is typed; without legs, by all.
export function listen(preview) {
  $("query").addEventListener("input", (event) => {
    stop();
    const typed = $("query").value.trim();
    if (event.isComposing && typed.length < LEAST) return; // half a syllable
    if (typed.length < LEAST) return;
    timers = [setTimeout(() => preview(typed, WORDS), PAUSE), setTimeout(() => preview(typed), REST)];
  });
  $("search").addEventListener("submit", stop, true);
}
