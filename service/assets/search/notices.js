// Notices above the results: degraded search, missing vectors, weak results.
import { $, element } from "../common/dom.js";
import { number, texts } from "../common/language.js";
import { translated } from "../common/message.js";
import { parted } from "./aids/partial.js";
import { lackingCounts } from "./results.js";

const WORDS = ["lexical", "identifier"];

// Shows the notices. coverage: rows of the collection, or null if unknown. fed: its spaces. spaces: the live ones.
export function showNotices({ answer, asked, coverage, fed, spaces, picture }) {
  const boxes = [];
  const [away, others] = parted(answer.degraded);
  if (away.length) boxes.push(notice(texts().partial, away.map(translated)));
  if (others.length) boxes.push(notice(texts().degraded, others.map(translated)));
  const uncounted = lackingCounts(answer);
  if (uncounted.length) boxes.push(notice(texts().notAll, uncounted));
  if (picture?.gone) boxes.push(notice(texts().pictureGoneHint));
  const lacking = lackingVectors(coverage, fed, spaces);
  if (lacking.length) boxes.push(notice(texts().vectorsMissing, lacking));
  // Calibrated spaces tell that nothing is near; of others it is only known that no word was found.
  if (answer.weak) boxes.push(notice(texts().shaping.weakOnly, [texts().shaping.weakOnlyHint]));
  else if (asked.words && uncalibrated(answer.hits) && nearestOnly(answer.hits)) boxes.push(notice(texts().weak, [texts().weakHint]));
  $("degraded").hidden = boxes.length === 0;
  $("degraded").replaceChildren(...boxes);
}

function notice(title, lines = []) {
  return element("div", "notice", element("strong", "", title), ...lines.map((line) => element("div", "", line)));
}

function lackingVectors(coverage, fed, spaces) {
  if (!coverage) return [];
  const live = coverage.filter((row) => row.status === "live");
  const lacking = live.map((row) => ({ ...row, left: row.stale + row.missing + row.failed })).filter((row) => row.left > 0);
  const unmade = fed.filter((name) => !spaces.some((space) => space.space === name));
  return [
    ...lacking.map((row) => texts().vectorsOf(texts().legs[row.space] || row.space, number(row.left), number(row.items))),
    ...unmade.map((name) => texts().noSpace(name)),
  ];
}

const uncalibrated = (hits) => hits.some((hit) => hit.adjustments?.uncalibrated);

// Whether no hit contains a word of the query: by vectors something is always nearest.
function nearestOnly(hits) {
  return hits.length > 0 && hits.every((hit) => WORDS.some((name) => name in hit.legs) && WORDS.every((name) => !hit.legs[name]));
}
