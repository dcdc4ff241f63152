// Pictures that were given to search by, kept in this browser so that Back and reloading find them again. They
// are too large for an address, which has their key: another browser is told that it has not the picture.
const KEPT = 20;
const MARK = "u-";
const here = new Map(); // those of this page, also where the browser keeps nothing
let opened = null;

function database() {
  opened ||= new Promise((resolve, reject) => {
    const asked = indexedDB.open("seogo", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("pictures");
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function within(mode, act) {
  const store = (await database()).transaction("pictures", mode).objectStore("pictures");
  return new Promise((resolve, reject) => {
    const asked = act(store);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

// Keys sort by age.
const newKey = () => `${MARK}${Date.now().toString(36)}${Math.random().toString(36).slice(2, 7)}`;

// Keeps a file and returns its key.
export async function keep(file) {
  const key = newKey();
  here.set(key, file);
  try {
    await within("readwrite", (store) => store.put(file, key));
    const keys = await within("readonly", (store) => store.getAllKeys());
    for (const old of keys.slice(0, -KEPT)) await within("readwrite", (store) => store.delete(old));
  } catch {
    // A browser that keeps nothing: the picture is there until the page is left.
  }
  return key;
}

// What a key of an address stands for: a stored picture's id, a file, or neither any more.
export async function picture(key) {
  if (!key.startsWith(MARK)) return { key, id: Number(key), name: `#${key}`, url: `/pictures/${key}/thumbnail` };
  const file = here.get(key) || (await within("readonly", (store) => store.get(key)).catch(() => undefined));
  if (!file) return { key, gone: true };
  here.set(key, file);
  return { key, file, name: file.name, url: await read(file) };
}

// As a data: address, which is all that the policy of the page lets pictures be.
function read(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}
