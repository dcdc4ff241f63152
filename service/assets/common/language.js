// Language of the page, and formats of times, days and numbers.
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

export const remember = (code) => localStorage.setItem("language", code);

export const moment = (text) =>
  (text ? new Date(text).toLocaleString(language, { dateStyle: "short", timeStyle: "medium" }) : "");

export const day = (year, month, date) =>
  new Date(Date.UTC(year, month - 1, date)).toLocaleDateString(language, { dateStyle: "medium", timeZone: "UTC" });

export const number = (value, digits = 0) => value.toLocaleString(language, { maximumFractionDigits: digits });
