// Parts of an article of law that its words and its vectors are from, each a link to the part on the article's page.
import { element, link } from "./dom.js";
import { texts } from "./language.js";
import { law } from "../texts/law.js";

// Creates the line of parts below the text; "" where a result has none.
export function partLinks(hit) {
  if (!hit.parts?.length) return "";
  const links = hit.parts.map((part) => element("span", "",
    element("span", "soft", `${part.by === "words" ? law().words : law().window(texts().legs[part.by] || part.by)} `),
    link(`/item?id=${hit.item_id}#part-${part.part_no}`, "", law().called(part))));
  return element("p", "found-parts", ...links);
}
