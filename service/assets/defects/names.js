// Products and their defect types: loaded once a page, named in the reader's language, offered as choices.
import { fill } from "../common/dom.js";
import { spoken, texts } from "../common/language.js";
import { call } from "../common/server.js";
import { called as labelled } from "../common/values.js";
import { told } from "../texts/defects.js";

let products = null; // null: not loaded

export const known = () => products || [];

export async function loadProducts() {
  products = await call("/defects/products");
  return products;
}

export const product = (name) => known().find((one) => one.product === name);

function called(row, name) {
  return (spoken() === "ko" ? row?.name_ko : row?.name_en) || row?.name_en || row?.name_ko || name;
}

export const productName = (name) => called(product(name), name);

export function defectName(of, name) {
  if (!name) return "";
  return called(product(of)?.defects.find((one) => one.defect === name), name);
}

export const viewName = (view) => labelled(view, "KINDS");

// Returns the choices of a finding; the empty value means normal.
export function findings(of) {
  if (!of) return [];
  return [["", texts().normalName], ...of.defects.map((one) => [one.defect, called(one, one.defect)])];
}

// What a person said of an analysis or a picture of a batch.
export function said(row) {
  if (!row.said) return "";
  return row.said === "normal" ? texts().normalName : defectName(row.product, row.said_defect);
}

// Fills a choice of products and the views of the chosen one. any: whether they may be left to a guess, where there
// is something to guess.
export function fillProducts(select, views, { any = false } = {}) {
  if (!products) return;
  const guess = any && products.length > 1 ? [["", told().anyProduct]] : [];
  fill(select, [...guess, ...products.map((one) => [one.product, called(one, one.product)])]);
  fillViews(select, views, { any });
}

export function fillViews(select, views, { any = false } = {}) {
  const one = product(select.value);
  const there = one ? [...new Set(["main", ...one.views])] : [];
  fill(views, [...(any && there.length !== 1 ? [["", told().anyView]] : []), ...there.map((view) => [view, viewName(view)])]);
}

// The part of a request that says the product and the view, where they are said.
export const choice = (select, views) => ({ ...(select.value && { product: select.value }), ...(views.value && { view: views.value }) });
