// Uploaded query pictures, kept in this browser for Back and reloading. They are too large for an address, which has
// their key only: another browser shows that it does not have the picture.
const KEPT = 20;
const MARK = "u-";
const here = new Map(); // pictures of this page, also where the browser keeps nothing
let opened = null;

const outcome = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function database() {
  const request = indexedDB.open("seogo", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("pictures");
  return outcome(request);
}

async function within(mode, act) {
  opened ||= database();
  return outcome(act((await opened).transaction("pictures", mode).objectStore("pictures")));
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
    // A browser that stores nothing: the picture is kept until the page is left.
  }
  return key;
}

// Returns the picture of a key: a stored one by its id, a file, or `gone`.
export async function picture(key) {
  if (!key.startsWith(MARK)) return { key, id: Number(key), name: `#${key}`, url: `/pictures/${key}/thumbnail` };
  const file = here.get(key) || (await within("readonly", (store) => store.get(key)).catch(() => undefined));
  if (!file) return { key, gone: true };
  here.set(key, file);
  return { key, file, name: file.name, url: await read(file) };
}

// Reads a file as a data: URL, the only kind that the page's policy allows for pictures.
function read(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}
