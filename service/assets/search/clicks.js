// Results that are opened, told to the server: where queries are logged, the collection's fusion learns from it; in a
// live test of two fusions it decides which of them the answer speaks for.
const COOKIE = "seogo_visitor";
const KEPT_S = 90 * 24 * 3600;
const OPENED = "seogo-opened"; // what the item's page tells the time of (item/dwell.js)
let live = null; // the answer shown, where it is of a live test

const randomName = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// The name that keeps a visitor on the same side of a live test; none before there was one.
export const visitor = () => document.cookie.match(/(?:^|; )seogo_visitor=([0-9a-f]+)/)?.[1];

// Takes note of the answer that is shown; the first of a live test gives the visitor a name.
export function shownAnswer(answer) {
  live = answer.live || null;
  if (live && !visitor()) document.cookie = `${COOKIE}=${randomName()}; path=/; max-age=${KEPT_S}; samesite=strict`;
}

// Tells once when a result's page is opened from its card, whatever comes of it; returns the card.
export function noted(card, hit, { c: collection, q: query }) {
  if (!query) return card;
  const visit = randomName();
  const told = { query, external_id: hit.external_id, rank: hit.rank, visit, ...(live && { live }) };
  const tell = (event) => {
    if (!event.target.closest?.('a[href^="/item"]')) return;
    for (const kind of ["click", "auxclick"]) card.removeEventListener(kind, tell);
    try {
      localStorage.setItem(OPENED, JSON.stringify({ item: hit.item_id, collection, visit }));
    } catch {} // a browser without storage tells no time
    const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(told), keepalive: true };
    fetch(`/collections/${encodeURIComponent(collection)}/clicks`, request).catch(() => {});
  };
  for (const kind of ["click", "auxclick"]) card.addEventListener(kind, tell);
  return card;
}
