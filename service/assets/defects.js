// Inspecting pictures: where they are abnormal, what they look like, what the manual says of it.
import { $, button, call, element, moment, number, open, say, showFailure, table, texts } from "./common.js";

const LAYERS = ["picture", "heatmap", "mask", "overlay", "compared"];
let products = [];
let found = null; // the analysis that is shown
let layer = "overlay";
let queue = [];
let counts = [];
let recent = [];

const chosen = () => products.find((one) => one.product === $("product").value);
const korean = () => document.documentElement.lang === "ko";

function called(row, name) {
  return (korean() ? row?.name_ko : row?.name_en) || row?.name_en || row?.name_ko || name;
}

function defectName(product, name) {
  if (!name) return "";
  const of = products.find((one) => one.product === product);
  return called(of?.defects.find((one) => one.defect === name), name);
}

function fill(select, rows, keep = select.value) {
  select.replaceChildren(...rows.map(([value, text]) => new Option(text, value)));
  if (rows.some(([value]) => value === keep)) select.value = keep;
}

function fillChoices() {
  fill($("product"), products.map((one) => [one.product, called(one, one.product)]));
  const product = chosen();
  const views = product ? [...new Set(["main", ...product.views])] : [];
  fill($("view"), views.map((view) => [view, view]));
  fill($("shows"), findings(product));
  const of = found && products.find((one) => one.product === found.product);
  fill($("really"), findings(of), $("really").value || found?.defect || "");
}

// The empty value is what has no name: normal.
function findings(product) {
  if (!product) return [];
  return [["", texts().normalName], ...product.defects.map((one) => [one.defect, called(one, one.defect)])];
}

function drawLayer() {
  const there = LAYERS.filter((kind) => found.images.includes(kind));
  if (!there.includes(layer)) layer = there[0];
  $("layers").hidden = there.length < 2;
  $("layer").max = there.length - 1;
  $("layer").value = there.indexOf(layer);
  $("layer").ariaValueText = texts().layers[layer];
  $("layer-name").value = texts().layers[layer];
  $("layer-names").replaceChildren(...there.map((kind, at) => new Option(texts().layers[kind], at)));
  $("image").src = `/defects/analyses/${found.analysis_id}/images/${layer}`;
  $("image").alt = texts().layers[layer];
}

function drawFound() {
  $("result").hidden = !found;
  $("degraded").hidden = !found?.degraded.length;
  if (!found) return;
  $("verdict").textContent = texts().verdicts[found.verdict];
  $("verdict").className = `verdict ${found.verdict}`;
  const told = [];
  if (found.score !== null) told.push(texts().scored(number(found.score, 3), number(found.threshold, 3)));
  if (found.defect) told.push(texts().lookingLike(defectName(found.product, found.defect)));
  told.push(texts().timings(Object.entries(found.timing).map(([stage, ms]) => [stage, number(ms)])));
  $("told").textContent = told.join(" · ");
  $("degraded").replaceChildren(
    element("strong", "", texts().degradedStages), ...found.degraded.map((reason) => element("div", "", reason)));
  drawLayer();
  $("nearest").replaceChildren(...found.nearest.map(neighbour));
  $("guide").replaceChildren(...(found.guide ? guide(found.guide) : []));
  $("sections").replaceChildren(...(found.sections.length ? [element("h3", "", texts().sections), ...found.sections.map(section)] : []));
}

function neighbour(one) {
  const link = element("a", "neighbour");
  link.href = `/item?id=${one.item_id}`;
  const name = defectName(found.product, one.defect) || texts().normalName;
  if (one.picture_id) {
    const image = element("img", "thumbnail");
    image.src = `/pictures/${one.picture_id}/thumbnail`;
    image.alt = name;
    link.append(image);
  }
  link.append(element("span", "soft", `${name} ${number(one.score, 3)}`));
  return link;
}

function guide(given) {
  const parts = [[texts().why, given.causes], [texts().whatToDo, given.actions], [texts().alsoTold, given.more]];
  const made = parts.filter(([, statements]) => statements.length).flatMap(([title, statements]) => {
    const list = element("ul");
    list.append(...statements.map((one) => {
      const row = element("li", "", one.text);
      row.append(...one.cites.map((cited) => {
        const link = element("a", "cite", `[${cited}]`);
        link.href = `#section-${cited}`;
        link.addEventListener("click", () => { $(`section-${cited}`).open = true; });
        return link;
      }));
      return row;
    }));
    return [element("h3", "", title), list];
  });
  return [element("h2", "", texts().guide), element("p", "soft", texts().guideBy(given.writer)), ...made];
}

function section(one) {
  const made = element("details", "field");
  made.id = `section-${one.number}`;
  const page = one.page ? texts().page(one.page) : "";
  made.append(element("summary", "", `[${one.number}] ${[one.title, one.document, page].filter(Boolean).join(" · ")}`));
  made.append(element("p", "value", one.text));
  return made;
}

function drawLists() {
  $("queue").replaceChildren(queue.length ? table(texts().labelColumns, queue.map((row) => [
    opener(row.analysis_id), row.product, texts().reasons[row.reason], texts().verdicts[row.verdict],
    defectName(row.product, row.defect), said(row),
  ])) : element("p", "soft", texts().nothingToLabel));
  $("counts").replaceChildren(counts.length ? table(texts().countColumns, counts.map((row) => [
    row.day, row.product, texts().verdicts[row.finding] || defectName(row.product, row.finding),
    row.pictures, row.with_feedback, row.agreed,
  ])) : element("p", "soft", texts().noCounts));
  $("recent").replaceChildren(recent.length ? table(texts().analysisColumns, recent.map((row) => [
    opener(row.analysis_id), moment(row.created_at), row.product, texts().verdicts[row.verdict],
    defectName(row.product, row.defect), said(row),
  ])) : element("p", "soft", texts().noCounts));
}

function said(row) {
  if (!row.said) return "";
  return row.said === "normal" ? texts().normalName : defectName(row.product, row.said_defect);
}

function opener(id) {
  return button(String(id), "toggle", () => showKept(id));
}

function draw() {
  fillChoices();
  drawFound();
  drawLists();
}

async function showKept(id) {
  try {
    const kept = await call(`/defects/analyses/${id}`);
    const images = kept.score === null ? ["picture"] : LAYERS;
    found = { ...kept, images };
    $("said").textContent = "";
    $("really").value = kept.said_defect || (kept.said ? "" : kept.defect) || "";
    say("");
    draw();
    $("result").scrollIntoView({ block: "start" });
  } catch (error) {
    showFailure(error);
  }
}

async function load() {
  [products, queue, { counts }, recent] = await Promise.all([
    call("/defects/products"), call("/defects/to-label"), call("/defects/statistics"), call("/defects/analyses?limit=10"),
  ]);
  draw();
  if (products.length === 0) say(texts().noProducts, texts().noProductsHint, "large");
}

function form(file, request) {
  const made = new FormData();
  made.append("picture", file);
  made.append("request", JSON.stringify(request));
  return made;
}

// Does something with the server, with the button of the form at rest meanwhile.
async function acting(event, act, where = $("message")) {
  event.preventDefault();
  const buttons = event.currentTarget.querySelectorAll?.("button") ?? [];
  buttons.forEach((one) => { one.disabled = true; });
  try {
    await act();
  } catch (error) {
    showFailure(error, where);
  } finally {
    buttons.forEach((one) => { one.disabled = false; });
  }
}

function word() {
  const defect = $("really").value;
  return { label: defect ? "defect" : "normal", ...(defect && { defect }) };
}

$("ask").addEventListener("submit", (event) => acting(event, async () => {
  found = null;
  drawFound();
  say(texts().analyzing);
  const request = { product: $("product").value, view: $("view").value || "main", question: $("question").value, language: document.documentElement.lang };
  found = await call("/defects/analyze", form($("picture").files[0], request));
  layer = "overlay";
  $("said").textContent = "";
  say("");
  await load();
  $("really").value = found.verdict === "normal" ? "" : found.defect || "";
}));
$("layer").addEventListener("input", () => {
  layer = LAYERS.filter((kind) => found.images.includes(kind))[Number($("layer").value)];
  drawLayer();
});
$("say").addEventListener("submit", (event) => acting(event, async () => {
  await call(`/defects/analyses/${found.analysis_id}/feedback`, { ...word(), note: $("note").value });
  $("note").value = "";
  await load();
  $("said").textContent = texts().thanks;
}, $("said")));
$("learn").addEventListener("click", (event) => acting(event, async () => {
  await call(`/defects/analyses/${found.analysis_id}/register`, word());
  await load();
  $("said").textContent = texts().learnt;
}, $("said")));
$("register").addEventListener("submit", (event) => acting(event, async () => {
  const defect = $("shows").value;
  const piece = $("piece").value.trim();
  const request = {
    product: $("product").value, view: $("view").value || "main", label: defect ? "defect" : "normal",
    ...(defect && { defect }), ...(piece && { piece }),
  };
  const done = await call("/defects/specimens", form($("new-picture").files[0], request));
  $("register").reset();
  await load();
  $("registered").textContent = texts().registered(done.external_id);
}, $("registered")));
$("product").addEventListener("change", fillChoices);

open("defects", draw);
load().catch(showFailure);
