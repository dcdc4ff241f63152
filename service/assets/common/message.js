// Messages of a page: its status, errors, and the button to try again.
import { $, button, element } from "./dom.js";
import { texts } from "./language.js";
import { Failure } from "./server.js";

// Shows a text and a hint in the message area. kind: CSS class, such as busy, error or large.
export function say(text, hint, kind = "", where = $("message")) {
  where.className = `message ${kind}`;
  where.replaceChildren(...[text, hint].filter(Boolean).map((line) => element("p", "", line)));
}

// Shows an error. again: action of the button to try again, which is not offered when the request itself is wrong.
export function showFailure(error, { where = $("message"), again } = {}) {
  const [text, exact] = told(error);
  say(text, exact, "error", where);
  const wrong = error instanceof Failure && error.status >= 400 && error.status < 500 && ![401, 429].includes(error.status);
  if (again && !wrong) where.append(button("small", again, texts().again));
}

// Creates a box that shows an error.
export function failureBox(error, again) {
  const box = element("div");
  showFailure(error, { where: box, again });
  return box;
}

// Wraps an action so that its error is shown on the page.
export const reporting = (work, options) => async () => {
  try {
    await work();
  } catch (error) {
    showFailure(error, options);
  }
};

function told(error) {
  if (!(error instanceof Failure)) {
    if (!(error instanceof TypeError)) console.error(error);
    return [texts().offline, texts().offlineHint];
  }
  const known = texts().problems[error.kind] || texts().failed[error.status] || texts().failed.other;
  return [known, exactly(error)];
}

// Details from the server, in English, that follow our own text.
function exactly(error) {
  if (error.status === 503) return null;
  const fault = faultOf(error.message);
  if (error.kind === "bad-picture" && fault) return fault;
  return [error.message, error.hint].filter(Boolean).join(" — ");
}

// Returns our text of why a picture was refused, where the reason has its code.
function faultOf(reason) {
  const code = Object.keys(texts().pictures).find((one) => reason.includes(`${one}:`));
  return code && texts().pictures[code];
}

// Translates a reason given by the server, where its pattern is known.
export function translated(reason) {
  const fault = faultOf(reason);
  if (fault) return fault;
  for (const [pattern, text] of texts().reasonsOfServer) {
    if (pattern.test(reason)) return reason.replace(pattern, text);
  }
  return reason;
}

// Loads a section; on failure shows the error there, and empties the other sections that wait for the same answer.
export async function loaded(where, load, others = []) {
  try {
    await load();
  } catch (error) {
    where.replaceChildren(failureBox(error, () => loaded(where, load, others)));
    for (const other of others) other.replaceChildren();
  }
}
