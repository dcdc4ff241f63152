// The language of the page, and how it writes moments, days and numbers.
import en from "../texts/en.js";
import ko from "../texts/ko.js";

const TEXTS = { ko, en };
const chosen = localStorage.getItem("language");
let language = chosen in TEXTS ? chosen : document.documentElement.lang;

export const texts = () => TEXTS[language];
export const spoken = () => language;

export function speak(code) {
  language = code;
  document.documentElement.lang = code;
}

export function remember(code) {
  localStorage.setItem("language", code);
}

export function moment(text) {
  const shown = new Date(text);
  return text ? shown.toLocaleString(language, { dateStyle: "short", timeStyle: "medium" }) : "";
}

export function day(year, month, date) {
  const shown = new Date(Date.UTC(year, month - 1, date));
  return shown.toLocaleDateString(language, { dateStyle: "medium", timeZone: "UTC" });
}

export function number(value, digits = 0) {
  return value.toLocaleString(language, { maximumFractionDigits: digits });
}
