// Files that are dropped on the page, as rows: JSON lines, a JSON array, tables with a head; pictures.js has pictures.
/* global Papa */
import { words } from "../texts/data.js";
import { isArchive, isPicture, pictures } from "./pictures.js";

// The browser holds all of a table; larger ones are for the command line.
const MOST_BYTES = 64 * 1024 * 1024;

// Reads files. Returns { rows, unread: [{ line, reason }], pictures: whether rows are pictures }; row: column -> value.
export async function read(files) {
  if (files.some(isPicture) || files.length === 1 && isArchive(files[0])) return pictures(files);
  if (files.length > 1) throw new Error(words().oneFile);
  if (files[0].size > MOST_BYTES) throw new Error(words().tooLarge(files[0].name));
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
