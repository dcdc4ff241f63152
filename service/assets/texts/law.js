// Texts of law: days as of which articles are searched, and parts of articles.
import { spoken } from "../common/language.js";

const ko = {
  day: "이 날 시행 중인 것",
  ever: "모든 때 (폐지 · 개정 전 포함)",
  today: "오늘 시행 중인 것만 찾습니다. 폐지된 조문, 개정 전 조문, 아직 시행되지 않은 조문은 날짜를 고르거나 모든 때를 켜야 나옵니다.",
  then: (day) => `${day}에 시행 중이던 것을 찾습니다. 오늘은 폐지되었거나 내용이 다를 수 있습니다.`,
  always: "폐지된 조문, 개정 전 조문, 아직 시행되지 않은 조문까지 모두 찾습니다.",
  chosen: (day) => `${day} 시행 기준`,
  chosenEver: "모든 때",
  words: "단어가 있는 곳",
  window: (leg) => `${leg} 벡터가 가리키는 곳`,
  called: ({ called }) => called,
  parts: "조문의 항 · 호 · 목",
};

const LEVELS = ["paragraph", "item", "subitem"];

// A path such as ①/2./가. in words; a part of a paragraph that is an item of its own has no paragraph in its path.
const spelt = (path) => path.split("/").map((label) => {
  const level = /^[①-⑳]/.test(label) ? 0 : /^\d/.test(label) ? 1 : 2;
  return `${LEVELS[level]} ${label.replace(/\.$/, "")}`;
}).join(", ");

const en = {
  day: "In force on",
  ever: "of all times (repealed and older ones too)",
  today: "Only what is in force today is searched. Repealed articles, older versions and those not yet in force are found only when asked for: choose a day, or all times.",
  then: (day) => `What was in force on ${day} is searched. Today it may be repealed or say something else.`,
  always: "Repealed articles, older versions and those not yet in force are searched too.",
  chosen: (day) => `in force on ${day}`,
  chosenEver: "of all times",
  words: "Words are in",
  window: (leg) => `The vector of ${leg} is of`,
  called: ({ path, last_path: last }) => (!last || last === path ? spelt(path) : `${spelt(path)} to ${spelt(last)}`),
  parts: "Paragraphs, items and subitems",
};

export const law = () => (spoken() === "ko" ? ko : en);
