// Page of manuals: uploads, the sections that were read, the defects they answer, versions.
import * as address from "../common/address.js";
import { $, button, element, listed } from "../common/dom.js";
import { open, titled } from "../common/head.js";
import { moment, number, texts } from "../common/language.js";
import { loaded, reporting, say } from "../common/message.js";
import { call, may } from "../common/server.js";
import { folded } from "../common/values.js";
import { rest, writing } from "../common/writing.js";
import { intake } from "../defects/intake.js";
import * as names from "../defects/names.js";
import { told } from "../texts/defects.js";

let manuals = null;
let admin = false;
let opened = ""; // the manual whose sections the address names

const act = (work) => writing(reporting(work));

function draw() {
  titled(told().manuals);
  if (!manuals) return;
  names.fillProducts($("product"), element("select"));
  $("upload").hidden = !admin || !names.known().length;
  $("not-admin").hidden = admin;
  const documents = Map.groupBy(manuals, (one) => `${one.product} ${one.document}`);
  $("list").replaceChildren(...listed([...documents.values()], told().noManuals, (all) => all.map(card)));
  rest();
}

// Draws a document: the version in use, and those before it folded.
function card([latest, ...others]) {
  const older = others.length
    ? element("details", "", element("summary", "", told().older(number(others.length))), ...others.map(version)) : "";
  return element("section", "", element("h2", "", latest.document), element("p", "soft", names.productName(latest.product)), version(latest), older);
}

function version(one) {
  const about = [told().version(one.version), told().sectionsN(number(one.sections)), one.pages && told().pagesN(number(one.pages)),
    one.read_by_ocr && told().ocrN(number(one.read_by_ocr)), one.unread && told().unreadN(number(one.unread)), moment(one.made_at), one.replaced_at && told().replaced(moment(one.replaced_at))];
  const state = one.live ? element("span", "state running", told().live) : "";
  const back = !one.live && admin ? button("small", () => act(() => restore(one)), told().restore) : "";
  if (back) back.dataset.writes = "";
  return element("div", "run", element("div", "head", state, element("span", "", about.filter(Boolean).join(" · "))),
    element("div", "chips", ...types(one)), one.outside ? element("p", "soft", told().outsideN(number(one.outside))) : "", sections(one), back);
}

function types(one) {
  const chip = (className, title) => (defect) =>
    element("span", `chip ${className}`, element("b", "", title), names.defectName(one.product, defect));
  return [...one.defects.map(chip("", told().answers)), ...one.without.map(chip("without", told().without))];
}

// Creates a box of the sections, loaded when it is opened.
function sections(one) {
  const rows = element("div");
  const box = element("details", "", element("summary", "", told().sections), rows);
  box.addEventListener("toggle", () => {
    if (!box.open || rows.childElementCount) return;
    address.write({ manual: one.manual_id }, { replace: true });
    loaded(rows, async () => {
      const whole = await call(`/defects/manuals/${one.manual_id}`);
      rows.replaceChildren(...whole.parts.map((part) => sectionOf(one, part)),
        ...(whole.left_out.length ? [element("p", "soft", told().outsideN(number(whole.left_out.length))), element("pre", "json", whole.left_out.join("\n"))] : []));
    });
  });
  box.open = String(one.manual_id) === opened;
  return box;
}

function sectionOf(one, part) {
  const about = [names.defectName(one.product, part.defect), told().kinds[part.kind] || part.kind, part.page && texts().page(part.page)].filter(Boolean).join(" · ");
  return element("div", "field", element("b", "", part.title || about), element("p", "soft", about), ...folded(part.body || ""));
}

async function restore(one) {
  await call(`/defects/manuals/${one.manual_id}/restore`, undefined, "POST");
  await look();
  say(told().restored(one.document, one.version));
}

async function upload(files) {
  const read = [];
  for (const file of files) {
    say(told().reading, file.name, "busy");
    const made = new FormData();
    made.append("document", file);
    made.append("request", JSON.stringify({ product: $("product").value }));
    const one = await call("/defects/manuals", made);
    read.push(told().manualRead(one.document, number(one.sections)));
    opened = String(one.manual_id);
  }
  $("upload").reset();
  address.write({ manual: opened });
  await look();
  say(read.join(" "));
}

async function look() {
  [, manuals] = await Promise.all([names.loadProducts(), call("/defects/manuals")]);
  draw();
}

const load = () => loaded($("list"), async () => {
  admin = await may("admin");
  opened = address.read().manual || "";
  await look();
  address.arrived();
});

$("upload").addEventListener("submit", (event) => {
  event.preventDefault();
  act(() => upload([...$("document").files]));
});
intake((files) => act(() => upload([...files])), () => admin && names.known().length > 0);
open("manuals", draw, told);
address.follow((values) => {
  opened = values.manual || "";
  draw();
  address.arrived();
});
writing(load);
