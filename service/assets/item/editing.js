// Edit of an item: its texts and metadata in a form that shows what changes. The server compares with what was on the
// page, so that nobody overwrites what somebody else wrote meanwhile.
import { button, element } from "../common/dom.js";
import { texts } from "../common/language.js";
import { failureBox } from "../common/message.js";
import { call, may } from "../common/server.js";
import { called } from "../common/values.js";
import { writing } from "../common/writing.js";
import { about } from "../texts/item.js";

const FROM_PICTURES = ["ocr", "caption"];
const LINES = 10; // of a text area, at most
let draft = null; // what was typed by part and name, while the form is open
let told = ""; // how the last edit ended: a function, so that it is told in both languages

const keyOf = (part, name) => `${part} ${name}`;

// Draws the form or the button that opens it; nothing for readers. reload(): fetches the item and draws all anew.
export async function drawEditor(place, item, reload) {
  if (!(await may("writer"))) return place.replaceChildren();
  const again = () => drawEditor(place, item, reload);
  if (draft) return place.replaceChildren(form(item, again, reload));
  const opener = button("small", () => {
    draft = new Map();
    told = "";
    again();
    place.querySelector("textarea, input")?.focus();
  }, about().edit);
  place.replaceChildren(opener, Object.assign(element("p", "soft", told && told()), { role: "status" }));
}

const read = (item) => (item.media.some((media) => media.picture_id) ? FROM_PICTURES.filter((name) => name in item.fields) : []);

function form(item, again, reload) {
  const changing = Object.assign(element("ul", "changing"), { ariaLive: "polite" });
  const save = element("button", "", about().save);
  save.dataset.writes = "";
  const rows = [
    ...Object.entries(item.fields).filter(([name]) => !read(item).includes(name)).map(([name, now]) => ({ part: "fields", name, now })),
    ...Object.entries(item.metadata).map(([name, now]) => ({ part: "metadata", name, now })),
  ];
  const follow = () => showChanges(changing, save, rows, item);
  const close = () => {
    draft = null;
    again();
  };
  const group = (part, ...more) => element("fieldset", "", element("legend", "", about()[part]),
    ...rows.filter((row) => row.part === part).map((row) => edited(row, follow)), ...more);
  const made = element("form", "editor", group("fields", added(follow)), group("metadata"),
    element("p", "soft", [about().removed, read(item).length ? about().fromPictures : ""].join(" ")),
    element("div", "", element("b", "", about().changing), changing),
    Object.assign(element("p", "wrong", told && told()), { role: "alert" }),
    element("div", "row", save, button("small", close, about().cancel)));
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    let fresh = false;
    await writing(async () => { fresh = await send(item, changesOf(rows, item).changes, made.querySelector("[role=alert]")); });
    if (fresh) reload(); // what was typed and not written stays, and is compared with what is there now
  });
  follow();
  return made;
}

// A row with its input. Texts are typed as they are, other values of the metadata as JSON.
function edited({ part, name, now }, follow) {
  const key = keyOf(part, name);
  const typed = draft.get(key) ?? written(now);
  const input = element(part === "fields" || typed.includes("\n") ? "textarea" : "input");
  if (input.rows) input.rows = Math.min(LINES, typed.split("\n").length + Math.floor(typed.length / 80));
  input.value = typed;
  input.addEventListener("input", () => {
    draft.set(key, input.value);
    follow();
  });
  return element("label", "wide", called(name), input);
}

const written = (value) => (typeof value === "string" ? value : value === null ? "" : JSON.stringify(value));

// Inputs of a text that the item does not have yet.
function added(follow) {
  const inputs = [["name", "addName", "input"], ["text", "addText", "textarea"]].map(([which, label, tag]) => {
    const input = Object.assign(element(tag), { value: draft.get(`new ${which}`) ?? "" });
    input.addEventListener("input", () => {
      draft.set(`new ${which}`, input.value);
      follow();
    });
    return element("label", "wide", about()[label], input);
  });
  return element("div", "added", ...inputs);
}

// Returns the changes as the server takes them, and the name of a value that cannot be read.
function changesOf(rows, item) {
  const changes = [];
  let bad = "";
  for (const { part, name, now } of rows) {
    const typed = draft.get(keyOf(part, name));
    if (typed === undefined || typed === written(now)) continue;
    try {
      const to = typed === "" ? null : part === "fields" || typeof now === "string" ? typed : JSON.parse(typed);
      changes.push({ part, name, from: now, to });
    } catch {
      bad ||= name;
    }
  }
  const [name, text] = ["name", "text"].map((which) => (draft.get(`new ${which}`) ?? "").trim());
  if (name && text) changes.push({ part: "fields", name, from: item.fields[name] ?? null, to: text });
  return { changes, bad };
}

function showChanges(list, save, rows, item) {
  const { changes, bad } = changesOf(rows, item);
  save.disabled = bad !== "" || changes.length === 0;
  const lines = changes.map(({ name, from, to }) => element("li", "", element("b", "", called(name)), " ",
    element("del", "", written(from) || about().nothing), " → ", element("ins", "", written(to) || about().nothing)));
  if (bad) lines.push(element("li", "wrong", about().badValue(called(bad))));
  list.replaceChildren(...(lines.length ? lines : [element("li", "soft", about().nothingChanged)]));
}

const names = (rows) => rows.map(({ name }) => called(name)).join(", ");

// Writes the changes; returns whether the item is to be fetched again.
async function send(item, changes, where) {
  try {
    const done = await call(`/items/${item.item_id}`, { changes }, "PATCH");
    draft = null;
    told = () => about().saved(names(done));
    return true;
  } catch (error) {
    if (error.kind !== "stale-edit") {
      where.replaceChildren(failureBox(error));
      return false;
    }
    const fresh = await call(`/items/${item.item_id}`).catch(() => item);
    const other = changes.filter(({ part, name, from }) => JSON.stringify(fresh[part][name] ?? null) !== JSON.stringify(from ?? null));
    told = () => about().stale(names(other));
    return true;
  }
}
