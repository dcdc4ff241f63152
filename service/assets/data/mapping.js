// Columns of rows and their roles: which is the id, what is searched, what is a part number, what narrows.
import { $, element, fill, table } from "../common/dom.js";
import { words } from "../texts/data.js";

const LOOKED = 200; // rows that the guess looks at
const SHOWN = 3; // examples of a column
const ROLES = ["id", "idNumber", "title", "text", "number", "metadata", "skip"];
const NAMES = {
  id: /^(id|_id|key|external_id|sku|code|uuid|번호|코드|아이디)$/i,
  title: /^(title|name|subject|heading|question|품명|제목|이름|명칭|질문)$/i,
  number: /(part_?no|part_?number|model|serial|품번|형번|모델|도번)/i,
};
const isText = (value) => typeof value === "string" && value.trim() !== "";
// A part number has digits and letters, and no sentence around them.
const isNumber = (value) => isText(value) && /\d/.test(value) && /[A-Za-z]/.test(value) && value.length <= 40 && value.split(/\s+/).length <= 3;

// Guesses the roles of the columns: column -> role.
export function guessed(rows) {
  const some = rows.slice(0, LOOKED);
  const columns = [...new Set(some.flatMap((row) => Object.keys(row)))];
  const values = (name) => some.map((row) => row[name]).filter((value) => value !== undefined && value !== null && value !== "");
  // Rows without an id are refused and named: a column that has most of them may be the one.
  const unique = (name) => values(name).length * 2 > some.length && new Set(values(name).map(String)).size === values(name).length;
  const code = (name) => values(name).every((value) => typeof value !== "object" && !/\s/.test(String(value)));
  const id = columns.find((name) => NAMES.id.test(name) && unique(name)) ?? columns.find((name) => unique(name) && code(name)) ?? columns.find(unique);
  const left = columns.filter((name) => name !== id);
  const title = left.find((name) => NAMES.title.test(name)) ?? left.find((name) => values(name).every(isText));
  const role = (name) => {
    const found = values(name);
    const number = found.length > 0 && found.every(isText) && (NAMES.number.test(name) || found.every(isNumber));
    if (name === id) return number ? "idNumber" : "id";
    if (name === title) return "title";
    if (number) return "number";
    const long = found.filter((value) => isText(value) && value.length > 40).length;
    return found.length && long * 3 > found.length ? "text" : "metadata";
  };
  return Object.fromEntries(columns.map((name) => [name, role(name)]));
}

// Shows a row per column with its role; change(roles) after each choice.
export function showColumns(rows, roles, change) {
  const drawn = Object.keys(roles).map((name) => {
    const select = element("select");
    select.ariaLabel = words().roleOf(name);
    select.dataset.writes = "";
    fill(select, ROLES.map((role) => [role, words().roles[role]]), roles[name]);
    select.addEventListener("change", () => change({ ...roles, [name]: select.value }));
    const examples = rows.slice(0, LOOKED).map((row) => row[name]).filter((value) => value !== undefined && value !== "").slice(0, SHOWN);
    return [name, examples.map(brief).join(" · "), select];
  });
  $("columns").replaceChildren(table(words().columnHeads, drawn));
}

const brief = (value) => {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const named = (roles, ...wanted) => Object.keys(roles).filter((name) => wanted.includes(roles[name]));

// Why rows of these roles cannot be loaded; empty where they can.
export function fault(roles) {
  if (named(roles, "id", "idNumber").length !== 1) return words().oneId;
  return named(roles, "title", "text", "number", "idNumber").length === 0 ? words().nothingSearched : "";
}

// The collection that fits the roles: titles count twice, numbers are found as part numbers.
export function collection(name, analyzer, roles) {
  const fields = named(roles, "title", "text");
  const weights = Object.fromEntries(named(roles, "title").map((one) => [one, 2]));
  const numbers = named(roles, "number", "idNumber");
  return {
    name, analyzer, field_weights: weights,
    ...(numbers.length && { identifier_fields: numbers }),
    ...(fields.length && { vector_sources: { text: { item: fields } } }),
  };
}

// The item of a row; values that are not texts become texts in fields, and stay as they are in the metadata.
export function item(row, roles) {
  const text = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));
  const given = (name) => row[name] !== undefined && row[name] !== null && row[name] !== "";
  const pick = (roleNames, of) => Object.fromEntries(named(roles, ...roleNames).filter(given).map((name) => [name, of(row[name])]));
  const [id] = named(roles, "id", "idNumber");
  return { external_id: given(id) ? text(row[id]) : "", fields: pick(["title", "text", "number", "idNumber"], text), metadata: pick(["metadata"], typed) };
}

// Cells of a table are texts; numbers and yes/no among them narrow by range and value.
function typed(value) {
  if (typeof value !== "string") return value;
  if (/^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(value.trim())) return Number(value);
  return { true: true, false: false }[value.trim().toLowerCase()] ?? value;
}
