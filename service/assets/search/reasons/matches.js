// Words of the query and the words of a result that they met by meaning: pairs of words by spaces with a vector per
// token, shared tokens by spaces with weights of tokens.
import { element } from "../../common/dom.js";
import { number, texts } from "../../common/language.js";
import { call } from "../../common/server.js";

// Creates the list of the words that met; nothing where no such space found the result.
export async function wordsThatMet(hit, { collection, query, spaces }) {
  const kinds = ["multi", "sparse"];
  const space = kinds.map((kind) => spaces.find((one) => one.kind === kind && hit.legs[one.space])).find(Boolean);
  if (!query || !space) return [];
  const asked = new URLSearchParams({ query, item_id: hit.item_id, space: space.space });
  const found = await lines(`/collections/${encodeURIComponent(collection)}/matches?${asked}`);
  return [element("p", "", texts().matches.show), element("ul", "matches", ...found)];
}

async function lines(url) {
  const t = texts().matches;
  try {
    const { matches, tokens, stale } = await call(url);
    const rows = matches.filter((one) => one.words).map((one) => element("li", "",
      element("b", "", one.words), " → ", one.matched ? element("mark", "", one.matched) : t.unknown,
      element("span", "value-of", ` ${number(one.similarity, 2)}`)));
    rows.push(...tokens.map((one) => product(one, t)));
    return [...rows, ...(stale ? [element("li", "", t.stale)] : [])];
  } catch (error) {
    return [element("li", "", error.message || t.failed)];
  }
}

// A shared token, without what its tokenizer marks it with, and what it adds to the score.
function product(one, t) {
  const plain = one.token.replace(/^(##|▁|Ġ)/u, "").normalize("NFC");
  const added = one.in_words === false ? ` ${t.added}` : "";
  return element("li", "", element("mark", "", plain), element("span", "value-of", ` +${number(one.contribution, 2)}${added}`));
}
