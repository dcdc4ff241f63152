// How long an item that was opened from a search is looked at, told to the server as the page is left or hidden.
const OPENED = "seogo-opened"; // written by search/clicks.js

// Begins to count where this item was opened from a result; only while the page is to be seen.
export function followDwell(id) {
  const opened = taken(id);
  if (!opened) return;
  let since = document.hidden ? null : performance.now();
  let seen = 0;
  const pause = () => {
    if (since === null) return;
    seen += performance.now() - since;
    since = null;
    const told = new Blob([JSON.stringify({ visit: opened.visit, dwell_ms: Math.max(1, Math.round(seen)) })], { type: "application/json" });
    navigator.sendBeacon(`/collections/${encodeURIComponent(opened.collection)}/dwells`, told);
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) pause();
    else since = performance.now();
  });
  addEventListener("pagehide", pause);
}

// Takes the visit to this item out of the storage, so that no other page tells of it.
function taken(id) {
  try {
    const opened = JSON.parse(localStorage.getItem(OPENED) || "null");
    if (String(opened?.item) !== String(id)) return null;
    localStorage.removeItem(OPENED);
    return opened;
  } catch {
    return null; // no storage, or somebody else's
  }
}
