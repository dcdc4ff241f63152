// The sample that comes with the program: offered where there is no data, loaded with its progress.
import { $, element, link } from "../common/dom.js";
import { number } from "../common/language.js";
import { Failure } from "../common/server.js";
import { events } from "../common/stream.js";
import { words } from "../texts/data.js";

const NAME = "parts";

// Offers the sample to who may load it. names: of collections that are there.
export function offer(may, names) {
  $("sample").hidden = !may || names.includes(NAME);
}

// Loads the sample. Returns the name of its collection.
export async function loadSample() {
  for await (const { name, data } of events("/sample", {})) {
    if (name === "progress") shown(data);
    else if (name === "problem") throw new Failure(data.status, data);
    else ended(data);
  }
  return NAME;
}

function shown({ done, all }) {
  Object.assign($("sample-done"), { hidden: false, max: all, value: done });
  $("sample-n").textContent = `${number(done)} / ${number(all)}`;
}

function ended(counts) {
  const told = Object.fromEntries(["inserted", "updated", "unchanged", "refused"].map((key) => [key, number(counts[key])]));
  const search = link(`/#${new URLSearchParams({ c: counts.collection })}`, "button", words().searchIt);
  const judge = link("/label", "", words().judgeIt);
  $("sample-outcome").replaceChildren(
    element("p", "", words().done(told)), element("p", "", search, " ", judge),
    element("p", "soft", words().vectorsWait, " ", element("code", "", "seogo worker")));
}
