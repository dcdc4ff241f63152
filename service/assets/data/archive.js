// Zip archives, read where they are: the list of their files, and each unpacked when it is wanted.
import { words } from "../texts/data.js";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LONGEST_END = 22 + 0xffff; // with its comment
const LONGEST_LIST = 8 * 1024 * 1024;
const MANY = 0xffffffff; // stands where the archive is of the kind for very large ones
const UTF8 = 0x800;
const UNICODE_PATH = 0x7075;
// What operating systems put in of their own accord.
const OF_SYSTEMS = /(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._[^/]*$)/;

export const ofSystem = (path) => OF_SYSTEMS.test(path);

// Lists the files of an archive: { path, bytes(most) }; bytes unpacks one, no more than `most` of it.
export async function members(file) {
  const tail = await view(file, Math.max(0, file.size - LONGEST_END), file.size);
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== END) at -= 1;
  if (at < 0) throw new Error(words().noArchive);
  const [size, start] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  if (size === MANY || start === MANY || size > LONGEST_LIST) throw new Error(words().largeArchive);
  if (start + size > file.size) throw new Error(words().noArchive);
  const found = entries(await view(file, start, start + size), file);
  // A list that breaks off would leave files out unnamed.
  if (found.length !== tail.getUint16(at + 10, true)) throw new Error(words().noArchive);
  return found.filter((one) => !one.path.endsWith("/") && !ofSystem(one.path));
}

const view = async (file, from, to) => new DataView(await file.slice(from, to).arrayBuffer());

function entries(list, file) {
  const found = [];
  for (let at = 0; at + 46 <= list.byteLength && list.getUint32(at, true) === ENTRY;) {
    const u16 = (offset) => list.getUint16(at + offset, true);
    const [named, extra, comment] = [u16(28), u16(30), u16(32)];
    if (at + 46 + named + extra > list.byteLength) throw new Error(words().noArchive);
    const bytes = (from, length) => new Uint8Array(list.buffer, at + 46 + from, length);
    const path = pathOf(bytes(0, named), bytes(named, extra), u16(8));
    const packed = { encrypted: u16(8) & 1, method: u16(10), size: list.getUint32(at + 20, true), at: list.getUint32(at + 42, true) };
    found.push({ path, bytes: (most) => unpacked(file, packed, most) });
    at += 46 + named + extra + comment;
  }
  return found;
}

// The path of a file, which without a flag is in the encoding of whoever made the archive.
function pathOf(raw, extra, flags) {
  const text = flags & UTF8 ? new TextDecoder().decode(raw) : recorded(extra) ?? guessed(raw);
  return text.replaceAll("\\", "/").replace(/^\.\//, "").normalize("NFC");
}

// The name in UTF-8 that some programs keep beside the old one, behind a version and a checksum.
function recorded(extra) {
  const fields = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let at = 0; at + 4 <= extra.length;) {
    const size = fields.getUint16(at + 2, true);
    if (fields.getUint16(at, true) === UNICODE_PATH && size > 5) return new TextDecoder().decode(extra.subarray(at + 9, at + 4 + size));
    at += 4 + size;
  }
  return null;
}

function guessed(raw) {
  for (const encoding of ["utf-8", "euc-kr"]) { // the browser's table of the second name is CP949
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(raw);
    } catch {
      // the next one
    }
  }
  return new TextDecoder("windows-1252").decode(raw);
}

// What an archive says of sizes is not to be believed: unpacking ends where there is more than `most`.
async function unpacked(file, { encrypted, method, size, at }, most) {
  if (encrypted) throw new Error(words().encrypted);
  if (![0, 8].includes(method)) throw new Error(words().oddlyPacked);
  const head = await view(file, at, at + 30);
  if (head.byteLength < 30) throw new Error(words().damaged);
  const from = at + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = file.slice(from, from + size);
  const stream = packed.stream();
  const reader = (method ? stream.pipeThrough(new DecompressionStream("deflate-raw")) : stream).getReader();
  const pieces = [];
  let total = 0;
  for (;;) {
    const { value, done } = await reader.read().catch(() => { throw new Error(words().damaged); });
    if (done) return new Blob(pieces);
    total += value.length;
    if (total > most) {
      reader.cancel().catch(() => {});
      throw new Error(words().largePicture);
    }
    pieces.push(value);
  }
}
