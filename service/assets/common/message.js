// What a page says of itself: where it stands, what failed, and how to try again.
import { $, button, element } from "./dom.js";
import { texts } from "./language.js";
import { Failure } from "./server.js";

export function say(text, hint, kind = "", where = $("message")) {
  where.className = `message ${kind}`;
  where.replaceChildren(...[text, hint].filter(Boolean).map((line) => element("p", "", line)));
}

// again: what a button does that tries once more. It is not offered where the request itself is wrong.
export function showFailure(error, { where = $("message"), again } = {}) {
  const [text, exact] = told(error);
  say(text, exact, "error", where);
  const wrong = error instanceof Failure && error.status >= 400 && error.status < 500 && ![401, 429].includes(error.status);
  if (again && !wrong) where.append(button(texts().again, "small", again));
}

function told(error) {
  if (!(error instanceof Failure)) {
    if (!(error instanceof TypeError)) console.error(error);
    return [texts().offline, texts().offlineHint];
  }
  const known = texts().problems[error.kind] || texts().failed[error.status] || texts().failed.other;
  return [known, exactly(error)];
}

// The server's words are exact but English: where ours do not say it all, they follow.
function exactly(error) {
  if (error.status === 503) return null;
  const fault = Object.keys(texts().pictures).find((code) => error.message.includes(`${code}:`));
  if (error.kind === "bad-picture" && fault) return texts().pictures[fault];
  return [error.message, error.hint].filter(Boolean).join(" — ");
}

// A reason of the server, in the language of the page where it is known.
export function translated(reason) {
  for (const [pattern, text] of texts().reasonsOfServer) {
    if (pattern.test(reason)) return reason.replace(pattern, text);
  }
  return reason;
}

// Loads something into a section, and shows there why it could not be had, with a way to try again. What waits
// for the same answer (`others`) then claims nothing.
export async function loaded(where, load, others = []) {
  try {
    await load();
  } catch (error) {
    const box = element("div");
    where.replaceChildren(box);
    for (const other of others) other.replaceChildren();
    showFailure(error, { where: box, again: () => loaded(where, load, others) });
  }
}
