// Registration of pictures under one label, or of zip archives, with what was refused.
import { $, table } from "../common/dom.js";
import { reporting, translated } from "../common/message.js";
import { Failure, call } from "../common/server.js";
import { rest, writing } from "../common/writing.js";
import { intake } from "../defects/intake.js";
import * as names from "../defects/names.js";
import { told } from "../texts/defects.js";

const isZip = (file) => /\.zip$/i.test(file.name) || file.type.includes("zip");

function form(name, file, request) {
  const made = new FormData();
  made.append(name, file);
  if (request) made.append("request", JSON.stringify(request));
  return made;
}

// Registers one file; adds what became of it to the counts.
async function registerOne(file, request, counts) {
  if (isZip(file)) {
    const { refused, ...others } = await call("/defects/specimens/archive", form("archive", file, $("by-list").checked ? null : request));
    for (const [name, n] of Object.entries(others)) counts[name] += n;
    counts.refused.push(...refused.map((one) => [`${file.name}: ${one.place}`, translated(one.reason)]));
    return;
  }
  try {
    const done = await call("/defects/specimens", form("picture", file, request));
    counts[done.action] += 1;
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 400) throw error; // the others would fail as well
    counts.refused.push([file.name, error.message]);
  }
}

async function register(files, look) {
  const defect = $("shows").value;
  const piece = $("piece").value.trim();
  const request = { ...names.choice($("product"), $("view")), label: defect ? "defect" : "normal", ...(defect && { defect }), ...(piece && { piece }) };
  const counts = { inserted: 0, updated: 0, unchanged: 0, refused: [] };
  Object.assign($("registration"), { hidden: false, max: files.length, value: 0 });
  try {
    for (const [at, file] of files.entries()) {
      $("registered").textContent = told().registeringN(at + 1, files.length);
      await registerOne(file, request, counts);
      $("registration").value = at + 1;
    }
    $("register").reset();
  } finally {
    $("registration").hidden = true;
    $("registered").textContent = "";
    $("refused").replaceChildren(...(counts.refused.length ? [table(told().refusalColumns, counts.refused)] : []));
  }
  await look();
  $("registered").textContent = `${told().registered(counts)} ${told().nextBank}`;
}

// look: shows the products anew; takes: whether pictures can be registered.
export function openRegistration(look, takes) {
  const begin = (files) => writing(reporting(() => register(files, look), { where: $("registered") })).then(rest);
  $("register").addEventListener("submit", (event) => {
    event.preventDefault();
    begin([...$("new-pictures").files]);
  });
  intake((files) => begin([...files]), takes);
}
