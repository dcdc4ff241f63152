// Synonyms of a collection, which admins see, add and remove below the results.
import { $, button, element, listed } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { call } from "../common/server.js";
import { marked, mayPin, written } from "./shaping.js";

const of = (collection) => `/collections/${encodeURIComponent(collection)}/synonyms`;
const parted = (text) => text.split(",").map((word) => word.trim()).filter(Boolean);

let edited = null; // the group that the form changes

// Shows all groups, each with buttons that change and remove it; hidden for others than admins.
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
    button("small", () => edit(group), t.edit), " ",
    marked(button("small", () => written(() => remove(collection, group), again), t.remove)));
  edit(null);
  $("synonyms-list").replaceChildren(...listed(groups, t.none, (rows) => [element("ul", "", ...rows.map(line))]));
}

const remove = (collection, group) => call(`${of(collection)}/${group.group_id}`, undefined, "DELETE");

// Puts a group into the form, null: none.
function edit(group) {
  edited = group;
  for (const [name, text] of [["words", group?.words.join(", ")], ["typed", group?.typed.join(", ")], ["weight", group?.weight ?? 1]]) {
    if (group || name === "weight") $(`synonym-${name}`).value = text;
  }
  $("synonym").querySelector("[type=submit]").textContent = group ? texts().saveChange : texts().synonymAdd;
  if (group) $("synonym-words").focus();
}

// Adds the group in the form, in place of the one that is edited; says why it is refused.
export async function addSynonyms(collection, again) {
  const group = { words: parted($("synonym-words").value), typed: parted($("synonym-typed").value), weight: Number($("synonym-weight").value) };
  const before = edited;
  await written(async () => {
    const done = await call(of(collection), [group], "POST");
    $("synonyms-told").textContent = Object.values(done.refused)[0] || "";
    if (before && done.added) await remove(collection, before); // the same words keep their group, and take the weight
  }, again);
}
