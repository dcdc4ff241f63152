// Pictures that are dropped, chosen, or in a folder or an archive, as rows: each is an item by its path.
import { element } from "../common/dom.js";
import { words } from "../texts/data.js";
import { members, ofSystem } from "./archive.js";

const MOST_BYTES = 64 * 1024 * 1024; // of one; what the service takes is less
const ENDINGS = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif|heic|heif)$/i;
const LONGEST_ID = 500;
const SIDE = 160; // of a preview, in pixels

export const isPicture = (file) => file.type.startsWith("image/") || ENDINGS.test(file.name);
export const isArchive = (file) => /\.zip$/i.test(file.name) || file.type === "application/zip";

// Reads files, or the archive that is the only one of them. Returns rows as reading.js does; what is no picture is unread.
export async function pictures(files) {
  const archive = files.length === 1 && isArchive(files[0]);
  const found = archive ? await members(files[0]) : files.map(loose).filter(({ path }) => !ofSystem(path));
  if (archive && found.some(({ path }) => /\.jsonl$/i.test(path))) throw new Error(words().withList(files[0].name));
  const rows = [];
  const unread = [];
  const seen = new Set();
  for (const one of found) {
    const why = !ENDINGS.test(one.path) && !one.picture ? words().noPicture
      : seen.has(one.path) ? words().samePath
      : one.path.length > LONGEST_ID ? words().longPath : "";
    seen.add(one.path);
    if (why) unread.push({ line: one.path, reason: why });
    else rows.push({ id: one.path, title: titleOf(one.path), bytes: () => one.bytes(MOST_BYTES) });
  }
  return { rows, unread, pictures: true };
}

const loose = (file) => ({
  path: (file.path || file.webkitRelativePath || file.name).normalize("NFC"),
  picture: isPicture(file),
  bytes: async (most) => {
    if (file.size > most) throw new Error(words().largePicture);
    return file;
  },
});

const titleOf = (path) => path.replace(/^.*\//, "").replace(/\.[^.]+$/, "").replaceAll(/[_-]+/g, " ").trim() || path;

// Files of what was dropped, folders with all that is in them.
export async function dropped(transfer) {
  const entries = [...transfer.items].map((one) => one.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((one) => one.isDirectory)) return [...transfer.files];
  const files = [];
  for (const one of entries) await collect(one, files);
  return files;
}

async function collect(entry, files) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => { entry.file(resolve, reject); });
    files.push(Object.assign(file, { path: entry.fullPath.replace(/^\//, "") }));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); }); // a hundred at most
    if (some.length === 0) return;
    for (const one of some) await collect(one, files);
  }
}

// Shows a picture small, as a data: address: the page's policy allows no other.
export function small(row) {
  const shown = Object.assign(element("img", "thumbnail"), { alt: row.title });
  row.bytes().then((blob) => createImageBitmap(blob)).then((bitmap) => {
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = Object.assign(element("canvas"), { width: Math.max(1, bitmap.width * scale), height: Math.max(1, bitmap.height * scale) });
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    shown.src = canvas.toDataURL();
  }).catch(() => shown.replaceWith(element("span", "soft", words().notShown)));
  return shown;
}

// The item of a row, with its picture.
export async function pictured({ id, title, bytes }) {
  const blob = await bytes();
  const data = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let at = 0; at < data.length; at += 0x8000) text += String.fromCharCode(...data.subarray(at, at + 0x8000));
  return { size: data.length, item: { external_id: id, fields: { title }, metadata: {}, media: [{ role: "photo", base64: btoa(text) }] } };
}
