// Words of the query and the words of a result that they met by meaning, by spaces with a vector per token.
import { button, element } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { call } from "../common/server.js";

// Creates the nodes below a card: a button that shows the words that met, none where no such space found the result.
export function wordsThatMet(hit, { collection, query, spaces }) {
  const space = spaces.find((one) => one.kind === "multi" && hit.legs[one.space]);
  if (!query || !space) return [];
  const asked = new URLSearchParams({ query, item_id: hit.item_id, space: space.space });
  const list = element("ul", "matches");
  list.hidden = true;
  const toggle = button("toggle", async () => {
    list.hidden = !list.hidden;
    toggle.ariaExpanded = String(!list.hidden);
    if (list.hidden || list.childElementCount) return;
    list.replaceChildren(...await lines(`/collections/${encodeURIComponent(collection)}/matches?${asked}`));
  }, texts().matches.show);
  toggle.ariaExpanded = "false";
  return [element("div", "", toggle, list)];
}

async function lines(url) {
  const t = texts().matches;
  try {
    const { matches, stale } = await call(url);
    const rows = matches.filter((one) => one.words).map((one) => element("li", "",
      element("b", "", one.words), " → ", one.matched ? element("mark", "", one.matched) : t.unknown,
      element("span", "value-of", ` ${number(one.similarity, 2)}`)));
    return [...rows, ...(stale ? [element("li", "", t.stale)] : [])];
  } catch (error) {
    return [element("li", "", error.message || t.failed)];
  }
}
