// Links to analyses, by their pictures.
import { element, link, picture } from "../common/dom.js";
import { texts } from "../common/language.js";

// Creates a link to an analysis. name: text beside the picture, its number unless given.
export const opener = (id, name = `#${id}`) =>
  link(`/defects#a=${id}`, "opener", picture(`/defects/analyses/${id}/thumbnail`, texts().analysisN(id)), name && element("span", "", name));
