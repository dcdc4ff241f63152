// The way to the server: requests, who asks, signing in. What writes goes through `writing`, see there.
import { element } from "./dom.js";
import { texts } from "./language.js";

const PROBLEM = "urn:seogo:problem:";

// kind: the last part of the problem's type, such as bad-filter.
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

// body: an object goes as JSON, a form as it is.
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

let who = null;
const told = []; // who wants to hear of another caller

// Who asks and what they may do, or null where that cannot be had; asking signs nobody in.
export function caller() {
  who ||= answered("/session", {}).catch(() => null);
  return who;
}

const RANKS = ["reader", "writer", "admin"];

export async function may(scope) {
  const asks = await caller();
  // Where it is not known, the server will say.
  return !asks || RANKS.indexOf(asks.scope) >= RANKS.indexOf(scope);
}

export function onSignIn(act) {
  told.push(act);
}

export async function signOut() {
  await answered("/session", { method: "DELETE" });
  location.reload();
}

let asking = null; // several requests may find at once that a key is needed

function signIn() {
  asking ||= new Promise((resolve, reject) => {
    const dialog = element("dialog", "sign-in");
    const form = element("form");
    form.method = "dialog";
    const label = element("label", "", texts().key);
    const input = element("input");
    Object.assign(input, { type: "password", autocomplete: "off", required: true });
    label.append(input);
    const wrong = element("p", "wrong");
    wrong.setAttribute("role", "alert");
    const enter = element("button", "", texts().signIn);
    form.append(element("p", "", texts().keyWanted), label, wrong, enter);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      enter.disabled = true;
      try {
        const headers = { Authorization: `Bearer ${input.value.trim()}` };
        await answered("/session", { method: "POST", headers });
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
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
  }).finally(() => { asking = null; });
  return asking;
}
