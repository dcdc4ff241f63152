// Suggestions under the search field: a combobox with a listbox (ARIA Authoring Practices), asked for while typing.
import { $, element } from "../common/dom.js";
import { texts } from "../common/language.js";
import { call } from "../common/server.js";

const PAUSE = 150; // ms without a key before the server is asked
const MOST = 8;
const LONGEST = 200;

let timer = 0;
let latest = 0; // only the latest question may open the list
let found = []; // what the list shows
let at = -1; // the chosen one, -1: what was typed
let typed = "";

const open = () => !$("suggestions").hidden;

export function close() {
  clearTimeout(timer);
  latest += 1;
  at = -1;
  $("suggestions").hidden = true;
  $("query").ariaExpanded = "false";
  $("query").removeAttribute("aria-activedescendant");
}

// Asks for completions of what stands in the field. where: names the collection; narrowed: its filter, or nothing.
async function ask(where, narrowed) {
  const mine = ++latest;
  typed = $("query").value;
  if (!typed.trim() || typed.length > LONGEST || !where()) return close();
  const parameters = new URLSearchParams({ prefix: typed, k: MOST });
  if (narrowed()) parameters.set("filter", narrowed());
  try {
    const answer = await call(`/collections/${encodeURIComponent(where())}/suggest?${parameters}`);
    if (mine === latest && document.activeElement === $("query")) show(answer);
  } catch {
    if (mine === latest) close(); // the search itself says what is wrong
  }
}

function show(answer) {
  found = answer.suggestions;
  at = -1;
  $("query").removeAttribute("aria-activedescendant");
  const note = answer.state === "building" && element("li", "soft", texts().suggest.building);
  if (note) note.role = "presentation";
  $("suggestions").replaceChildren(...found.map(row), ...(note ? [note] : []));
  $("suggestions").hidden = found.length === 0;
  $("query").ariaExpanded = String(found.length > 0);
}

function row(one, place) {
  const count = texts().suggest[one.source](one.n, one.lower_bound);
  const without = one.ignored.length ? texts().suggest.without(one.ignored.join(" ")) : "";
  const made = element("li", "", element("span", "", one.text), element("span", "soft", [count, without].filter(Boolean).join(" · ")));
  Object.assign(made, { id: `suggestion-${place}`, role: "option", ariaSelected: "false" });
  // Before the field loses the focus, which would close the list.
  made.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    take(place);
    $("search").requestSubmit();
  });
  return made;
}

function take(place) {
  $("query").value = place < 0 ? typed : found[place].text;
  at = place;
  for (const [n, option] of [...$("suggestions").querySelectorAll("[role=option]")].entries()) {
    option.ariaSelected = String(n === at);
    if (n === at) option.scrollIntoView({ block: "nearest" });
  }
  if (at < 0) $("query").removeAttribute("aria-activedescendant");
  else $("query").setAttribute("aria-activedescendant", `suggestion-${at}`);
}

function key(event) {
  // The key belongs to the input method while it composes: its Enter ends a syllable (229: Safari says so late).
  if (event.isComposing || event.keyCode === 229) {
    if (event.key === "Enter") event.preventDefault();
    return;
  }
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (open() && steps[event.key]) {
    event.preventDefault();
    const places = found.length + 1; // one more: what was typed
    take(((at + 1 + steps[event.key] + places) % places) - 1);
  } else if (open() && event.key === "Escape") {
    event.preventDefault();
    if (at >= 0) $("query").value = typed;
    close();
  }
}

// Completes what is typed in the field of the search.
export function complete({ collection, filter }) {
  const query = $("query");
  query.addEventListener("input", () => {
    clearTimeout(timer);
    latest += 1;
    timer = setTimeout(() => ask(collection, filter), PAUSE);
  });
  query.addEventListener("keydown", key);
  query.addEventListener("blur", close);
  $("search").addEventListener("submit", close);
}
