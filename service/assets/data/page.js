// Loading of data: a file is dropped, its columns are given roles, its rows are sent, and then searched.
import { $, button, element, fill, link, table } from "../common/dom.js";
import { open } from "../common/head.js";
import { number } from "../common/language.js";
import { loaded, reporting, say, translated } from "../common/message.js";
import { Failure, call, may } from "../common/server.js";
import { called } from "../common/values.js";
import { rest, writing } from "../common/writing.js";
import { words } from "../texts/data.js";
import { drawCollections, manage } from "./collections.js";
import { collection, fault, guessed, item, showColumns } from "./mapping.js";
import { dropped, small } from "./pictures.js";
import { read } from "./reading.js";
import { send } from "./sending.js";
import { loadSample, offer } from "./sample.js";

const PREVIEW = 3;
const LISTED = 100;
const PICTURES = { id: "id", title: "title", bytes: "skip" };
// Pictures are found by their names, by what is read on them, and by how they look.
const OF_PICTURES = { picture_readers: { ocr: "auto" }, vector_sources: { text: { item: ["title"] }, image: { photo: ["@photo"] } } };
let found = null; // what was read
let roles = {};
let names = []; // of collections that are there
let stopping = false;

async function take(files) {
  if (files.length === 0) return;
  try {
    found = await read(files);
  } catch (error) {
    found = null;
    $("mapping").hidden = true;
    return say(words().unreadable(files[0].name), error.message, "error");
  }
  if (found.rows.length === 0) return say(words().empty, found.unread[0]?.reason, "error");
  say("");
  roles = found.pictures ? PICTURES : guessed(found.rows);
  const [from] = (files[0].path || files[0].webkitRelativePath || files[0].name).split("/"); // a folder, or the file
  $("name").value ||= from.toLowerCase().replace(/\.[^.]+$/, "").replaceAll(/[^a-z0-9_-]+/g, "-").replace(/^[^a-z]+/, "").slice(0, 63);
  // Korean rows want the Korean analyzer.
  const korean = /[가-힣]/.test(JSON.stringify(found.rows.slice(0, 50)));
  fill($("analyzer"), Object.entries(words().analyzers), korean ? "korean" : "english");
  draw();
}

function draw() {
  if (!found) return;
  $("mapping").hidden = false;
  $("counted").textContent = words()[found.pictures ? "countedPictures" : "counted"](number(found.rows.length), found.unread.length && number(found.unread.length));
  $("roles").textContent = words()[found.pictures ? "picturesTitle" : "mapping"];
  $("columns").hidden = found.pictures;
  if (!found.pictures) showColumns(found.rows, roles, (changed) => { roles = changed; draw(); });
  fill($("analyzer"), Object.entries(words().analyzers), $("analyzer").value);
  $("collections").replaceChildren(...names.map((name) => Object.assign(element("option"), { value: name })));
  $("preview").classList.toggle("pictures", found.pictures);
  $("preview").replaceChildren(...found.rows.slice(0, found.pictures ? 2 * PREVIEW : PREVIEW).map((row) => preview(row)));
  const wrong = fault(roles);
  say(wrong, "", wrong ? "error" : "");
  rest();
}

function preview(row) {
  const { external_id: id, fields, metadata } = item(row, roles);
  const chips = Object.entries(metadata).map(([name, value]) => element("span", "chip", element("b", "", called(name)), typeof value === "object" ? JSON.stringify(value) : String(value)));
  const picture = found.pictures ? small(row) : "";
  return element("div", "field", element("p", "key", id), picture, ...Object.entries(fields).map(([name, text]) => element("p", "value short", element("b", "", `${called(name)}: `), text)), element("div", "chips", ...chips));
}

async function load() {
  const name = $("name").value.trim();
  if (fault(roles)) return draw();
  stopping = false;
  if (!names.includes(name)) await make(name);
  else say(words().there(name));
  $("loading").hidden = false;
  $("done").max = found.rows.length;
  const state = await send(name, found.rows, roles, { pictures: found.pictures, told: (now) => show(name, now, false), stopped: () => stopping });
  await show(name, state, true);
  await manage(true);
}

async function make(name) {
  const made = found.pictures ? { name, analyzer: $("analyzer").value, ...OF_PICTURES } : collection(name, $("analyzer").value, roles);
  try {
    await call("/collections", made);
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 409) throw error; // somebody made it meanwhile
  }
  names.push(name);
}

function show(name, state, ended) {
  $("done").value = state.done;
  $("done-n").textContent = `${number(state.done)} / ${number(found.rows.length)}`;
  const unread = found.unread.map(({ line, reason }) => (found.pictures ? { row: "", id: line, reason } : { row: line, id: "", reason }));
  const refused = [...unread, ...state.refused];
  const bare = state.pictureless.length;
  const counts = { ...Object.fromEntries(["inserted", "updated", "unchanged"].map((key) => [key, number(state[key])])), refused: number(refused.length) };
  const told = words().done(counts) + (bare ? words().pictureless(number(bare)) : "");
  const halt = button("small", () => { stopping = true; }, words().stop);
  $("outcome").replaceChildren(element("p", "", told), ...(ended ? after(name) : [halt]));
  const rows = [...refused, ...state.pictureless].slice(0, LISTED).map(({ row, id, reason }) => [row, id || "", translated(reason)]);
  $("refused").replaceChildren(...(rows.length ? [table(words().refusedHeads, rows)] : []));
}

const after = (name) => [
  link(`/#${new URLSearchParams({ c: name })}`, "button", words().searchIt),
  element("p", "soft", words().vectorsWait, " ", element("code", "", "seogo worker")),
];

async function begin() {
  const writer = await may("admin");
  $("reader-only").hidden = writer;
  $("pick").hidden = !writer;
  await loaded($("message"), async () => { names = (await call("/collections")).map((row) => row.collection); });
  offer(writer, names);
  await loaded($("collections-there"), () => manage(writer));
}

$("load-sample").addEventListener("click", () => writing(reporting(async () => { names.push(await loadSample()); })));
for (const id of ["file", "folder"]) {
  $(id).addEventListener("change", (event) => take([...event.target.files]).finally(() => { event.target.value = ""; }));
}
$("folders").hidden = !("webkitdirectory" in HTMLInputElement.prototype); // phones have no folders to choose
for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());
document.addEventListener("dragover", () => $("pick").classList.add("over"));
document.addEventListener("dragleave", () => $("pick").classList.remove("over"));
document.addEventListener("drop", (event) => {
  $("pick").classList.remove("over");
  dropped(event.dataTransfer).then(take);
});
$("load").addEventListener("submit", (event) => {
  event.preventDefault();
  writing(reporting(load, { again: load }));
});
open("data", () => {
  draw();
  drawCollections();
}, words);
begin();
