// Page of products: their defect types, memory banks, and the registration of pictures.
import { $, element, fill, listed } from "../common/dom.js";
import { open, titled } from "../common/head.js";
import { moment, number } from "../common/language.js";
import { loaded, reporting, say, translated } from "../common/message.js";
import { call, may } from "../common/server.js";
import { rest, writing } from "../common/writing.js";
import * as names from "../defects/names.js";
import { told } from "../texts/defects.js";
import { comparison } from "./compared.js";
import { openRegistration } from "./registration.js";

let banks = null; // null: not loaded
let writer = false;
let admin = false;

const act = (work) => writing(reporting(work));

function draw() {
  titled(told().products);
  if (!banks) return;
  names.fillProducts($("product"), $("view"));
  fill($("shows"), names.findings(names.product($("product").value)));
  $("reader-only").hidden = writer;
  $("registering").hidden = !writer || !names.known().length;
  $("adding").hidden = !admin;
  $("list").replaceChildren(...listed(names.known(), told().noProducts, () => names.known().map(card)));
  rest();
}

function card(one) {
  const types = one.defects.map((type) => element("span", "chip", names.defectName(one.product, type.defect), element("span", "n", number(type.pictures))));
  const of = banks.filter((bank) => bank.product === one.product && bank.status === "live");
  return element("section", "",
    element("div", "head", element("h2", "", names.productName(one.product)), element("span", "key", one.product)),
    element("p", "soft", told().counted(number(one.normal), number(one.defective))),
    ...(of.length ? of.flatMap((bank) => [bankLine(bank), comparison(bank, banks)]) : [element("p", "notice", told().noBank, " ", element("code", "", `seogo defects bank build ${one.product}`))]),
    element("h3", "", told().types), element("div", "chips", ...(types.length ? types : [element("span", "soft", told().noTypes)])),
    writer ? typeForm(one) : "");
}

function bankLine(bank) {
  const seen = (bank.report.detectors || ["patches"]).map((name) => told().detectors[name] || name);
  return element("p", "", told().bank(names.viewName(bank.view), bank.version, number(bank.held_out), number(bank.threshold, 3), moment(bank.live_at)),
    element("span", "soft", [` · ${told().bankDetectors(seen.join(", "))}`, bank.labels && labelled(bank.labels)].filter(Boolean).join(" · ")));
}

// Says what labelled defects taught a bank: AUROC on pieces held out, without and with them.
function labelled({ pictures, pieces, joined, auroc, reason }) {
  const gain = auroc ? auroc.map((one) => number(one, 3)).join(" → ") : "";
  return [told().labels(number(pictures), number(pieces)), gain, joined ? told().labelsUsed : told().labelsUnused, joined ? "" : translated(reason || "")].filter(Boolean).join(", ");
}

function typeForm(one) {
  const [id, ko, en] = ["id", "nameKo", "nameEn"].map((name) =>
    Object.assign(element("input"), { type: "text", maxLength: 200, autocomplete: "off", required: name === "id", placeholder: told()[name], ariaLabel: told()[name] }));
  id.pattern = "[A-Za-z0-9][A-Za-z0-9_\\-]{0,62}";
  const save = Object.assign(element("button", "small", told().save), { type: "submit" });
  save.dataset.writes = "";
  const form = element("form", "row", id, ko, en, save);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(() => put(`/defects/products/${encodeURIComponent(one.product)}/types/${encodeURIComponent(id.value.trim())}`, ko.value, en.value, id.value));
  });
  return element("details", "", element("summary", "", told().addType), form);
}

async function put(url, ko, en, name) {
  const said = { ...(ko.trim() && { name_ko: ko.trim() }), ...(en.trim() && { name_en: en.trim() }) };
  await call(url, said, "PUT");
  say(told().saved(name));
  await look();
}

async function look() {
  [, banks] = await Promise.all([names.loadProducts(), call("/defects/banks")]);
  draw();
}

const load = () => loaded($("list"), async () => {
  [writer, admin] = await Promise.all([may("writer"), may("admin")]);
  await look();
});

$("product").addEventListener("change", () => {
  names.fillViews($("product"), $("view"));
  fill($("shows"), names.findings(names.product($("product").value)));
  rest();
});
$("add").addEventListener("submit", (event) => {
  event.preventDefault();
  act(async () => {
    const name = $("new-product").value.trim();
    await put(`/defects/products/${encodeURIComponent(name)}`, $("new-ko").value, $("new-en").value, name);
    $("add").reset();
  });
});
$("rebuild").addEventListener("click", () => act(async () => {
  await call("/jobs", { task: "rebuild_banks" });
  say(told().rebuilding);
}));
openRegistration(look, () => writer && names.known().length > 0);
open("products", draw, told);
writing(load);
