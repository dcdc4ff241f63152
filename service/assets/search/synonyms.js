// Synonyms of a collection, which admins see, add and remove below the results.
import { $, button, element, listed } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { call } from "../common/server.js";
import { marked, mayPin, written } from "./shaping.js";

const of = (collection) => `/collections/${encodeURIComponent(collection)}/synonyms`;
const parted = (text) => text.split(",").map((word) => word.trim()).filter(Boolean);

// Shows all groups, each with a button that removes it; hidden for others than admins.
export async function showSynonyms(collection, again) {
  const box = $("synonyms");
  box.hidden = !collection || !(await mayPin());
  if (box.hidden) return;
  const t = texts().synonyms;
  const groups = await call(of(collection)).catch((error) => error);
  if (groups instanceof Error) return $("synonyms-list").replaceChildren(element("p", "soft", groups.message || texts().failed.other));
  const line = (group) => element("li", "",
    group.typed.length ? `${group.typed.join(", ")} → ${group.words.join(", ")}` : group.words.join(" = "), " ",
    group.weight < 1 ? element("span", "soft", `×${number(group.weight, 2)}`) : "", " ",
    marked(button("small", () => written(() => call(`${of(collection)}/${group.group_id}`, undefined, "DELETE"), again), t.remove)));
  $("synonyms-list").replaceChildren(...listed(groups, t.none, (rows) => [element("ul", "", ...rows.map(line))]));
}

// Adds the group in the form; says why it is refused.
export async function addSynonyms(collection, again) {
  const group = { words: parted($("synonym-words").value), typed: parted($("synonym-typed").value) };
  await written(async () => {
    const done = await call(of(collection), [group], "POST");
    $("synonyms-told").textContent = Object.values(done.refused)[0] || "";
  }, again);
}
