// Cards of the results with what belongs to each: reasons, the rest of its group, the buttons of admins.
import { element } from "../common/dom.js";
import { finding } from "../texts/finding.js";
import { card } from "./card.js";
import { noted } from "./clicks.js";
import * as shelf from "./collections.js";
import { pinButtons, rest } from "./shaping.js";
import { why } from "./reasons/why.js";

// state(), reranker(), admin(): of the search that is shown. ask(body) sends a request, request() builds that of the
// search, again() repeats it.
export function cards({ state, reranker, admin, liking, ask, request, again }) {
  let report = null; // how each leg did, fetched once for the search that is shown
  const same = (shape, k, skip) => ask({ ...request(), facets: [], shape, k, skip });
  const explained = () => (report ||= ask({ ...request(), facets: [], total: false, explain: true, k: 1, log: false })
    .then((answer) => answer.explain ?? []));

  function draw(hit) {
    const { c: collection, q: query, g, m, r, s } = state();
    const chosen = [...Object.keys(m), ...Object.keys(r), s.replace(/^-/, "")];
    const managing = () => pinButtons(hit, { admin: admin(), collection, query, again });
    const extras = rest(hit, { field: g || shelf.collapsedBy(), ask: same, draw: (one) => card(one, { liking, chosen }) });
    const reasons = why(hit, { collection, query, spaces: shelf.fedSpaces(), reranker: reranker(), explained });
    return noted(card(hit, { liking, chosen, reasons, extras, managing }), hit, state());
  }

  return (hits) => {
    report = null;
    const weak = hits.findLastIndex((hit) => !hit.adjustments?.weak) + 1; // from here on all are weak
    return hits.flatMap((hit, at) => [...(at === weak && at > 0 ? [element("li", "weak-from", finding().weakFrom)] : []), draw(hit)]);
  };
}
