// Requests to the server, the caller's rights, signing in. Writes go through writing.js.
import { element } from "./dom.js";
import { texts } from "./language.js";

const PROBLEM = "urn:seogo:problem:";

// Error answered by the server. kind: last part of the problem's type, such as bad-filter.
export class Failure extends Error {
  constructor(status, problem) {
    super(problem.detail || "");
    this.status = status;
    this.hint = problem.hint;
    this.kind = (problem.type || "").replace(PROBLEM, "");
  }
}

async function answered(url, request) {
  const response = await fetch(url, request);
  const answer = response.status === 204 ? null : await response.json().catch(() => ({}));
  if (!response.ok) throw new Failure(response.status, answer);
  return answer;
}

// Sends a request, signing in first if needed, and returns its JSON. body: an object is sent as JSON, a form as it is.
export async function call(url, body, method = body ? "POST" : "GET") {
  const json = body && !(body instanceof FormData);
  const request = {
    method,
    body: json ? JSON.stringify(body) : body,
    headers: json ? { "Content-Type": "application/json" } : {},
  };
  try {
    return await answered(url, request);
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 401) throw error;
    await signIn();
    return answered(url, request);
  }
}

// Returns the response to a request, sent again after signing in where a key is needed.
export async function signedIn(send) {
  const response = await send();
  if (response.status !== 401) return response;
  await signIn();
  return send();
}

let who = null;
const told = []; // called after signing in

// Returns the caller's name and scope, or null where unavailable; does not ask to sign in.
export const caller = () => (who ||= answered("/session", {}).catch(() => null));

const RANKS = ["reader", "writer", "admin"];

// Whether the caller has a scope, or an unknown one: then the server decides.
export async function may(scope) {
  const asks = await caller();
  return !asks || RANKS.indexOf(asks.scope) >= RANKS.indexOf(scope);
}

export const onSignIn = (act) => told.push(act);

export async function signOut() {
  await answered("/session", { method: "DELETE" });
  location.reload();
}

let asking = null; // several requests may need a key at the same time

function signIn() {
  asking ||= new Promise((resolve, reject) => {
    const input = Object.assign(element("input"), { type: "password", autocomplete: "off", required: true });
    const wrong = Object.assign(element("p", "wrong"), { role: "alert" });
    const enter = element("button", "", texts().signIn);
    const form = element("form", "", element("p", "", texts().keyWanted), element("label", "", texts().key, input), wrong, enter);
    form.method = "dialog";
    const dialog = element("dialog", "sign-in", form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      enter.disabled = true;
      try {
        await answered("/session", { method: "POST", headers: { Authorization: `Bearer ${input.value.trim()}` } });
        dialog.remove();
        who = null;
        told.forEach((act) => act());
        resolve();
      } catch (error) {
        wrong.textContent = error.status === 401 ? texts().keyWrong : texts().failed[error.status] || texts().failed.other;
      } finally {
        enter.disabled = false;
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      reject(new Failure(401, {}));
    });
    document.body.append(dialog);
    dialog.showModal();
  }).finally(() => { asking = null; });
  return asking;
}
