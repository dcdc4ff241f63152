// Files that are dropped on the page, as rows: JSON lines, a JSON array, tables with a head, pictures.
/* global Papa */
import { words } from "../texts/data.js";

// The browser holds all of it; larger files are for the command line.
export const MOST_BYTES = 64 * 1024 * 1024;

// Reads files. Returns { rows, unread: [{ line, reason }], pictures: whether rows are pictures }; row: column -> value.
export async function read(files) {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > MOST_BYTES) throw new Error(words().tooLarge(files[0].name));
  if (files.every((file) => file.type.startsWith("image/"))) return { rows: files.map(picture), unread: [], pictures: true };
  if (files.length > 1) throw new Error(words().oneFile);
  const text = await decoded(files[0]);
  if (/\.(csv|tsv)$/i.test(files[0].name)) return table(text);
  return text.trimStart().startsWith("[") ? array(text) : lines(text);
}

// Old tables are in the encoding of Korean Windows.
async function decoded(file) {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("euc-kr").decode(bytes); // the browser's table of this name is CP949
  }
}

// A picture is an item: its path is the id, its name the title; `file` is read when it is sent.
function picture(file) {
  const path = file.webkitRelativePath || file.name;
  return { id: path, title: file.name.replace(/\.[^.]+$/, "").replaceAll(/[_-]+/g, " "), file };
}

function table(text) {
  const { data, errors } = Papa.parse(text, { header: true, skipEmptyLines: "greedy" });
  const wrong = new Map(errors.filter((one) => Number.isInteger(one.row)).map((one) => [one.row, one.message]));
  const unread = [...wrong].map(([row, reason]) => ({ line: row + 2, reason }));
  return { rows: data.filter((_, at) => !wrong.has(at)), unread, pictures: false };
}

function array(text) {
  const found = JSON.parse(text);
  return { rows: found.filter(isRow), unread: found.flatMap((one, at) => (isRow(one) ? [] : [{ line: at + 1, reason: words().noObject }])), pictures: false };
}

function lines(text) {
  const rows = [];
  const unread = [];
  text.split("\n").forEach((line, at) => {
    if (!line.trim()) return;
    try {
      const row = JSON.parse(line);
      if (!isRow(row)) throw new Error(words().noObject);
      rows.push(row);
    } catch (error) {
      unread.push({ line: at + 1, reason: error.message });
    }
  });
  return { rows, unread, pictures: false };
}

const isRow = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
