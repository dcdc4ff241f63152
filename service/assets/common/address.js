// Page state in the URL fragment: reloading, Back and a copied link show the same page again. Browsers send
// the fragment to no server, so queries stay out of logs. The scroll position is kept in the history entry.
const SETTLE_MS = 3000; // the page grows while formulas and pictures load
const TAKEN_OVER = ["wheel", "touchstart", "pointerdown", "keydown"]; // the reader takes over scrolling
let restore = () => {};
let settled = false; // the page shows what its address says; scrolling before that is not the reader's
let release = () => {}; // stops holding the scroll position

// Reads the state from the address.
export function read() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

// Returns the fragment of a state: texts and numbers by name, empty ones left out.
export function fragment(values) {
  const kept = Object.entries(values).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  return kept.length ? `#${new URLSearchParams(kept)}` : "";
}

// Writes the state to the address. replace: without a new history entry.
export function write(values, { replace = false } = {}) {
  const hash = fragment(values) || location.pathname + location.search;
  if (new URL(hash, location.href).hash === location.hash) return;
  if (replace) return history.replaceState(history.state, "", hash);
  release();
  keepScroll();
  history.pushState(null, "", hash);
  settled = true;
}

function keepScroll() {
  if (settled) history.replaceState({ ...history.state, scroll: scrollY }, "");
}

// Restores the scroll position when the page shows its state, and holds it while the page still grows.
export function arrived() {
  if (settled) return;
  const at = history.state?.scroll;
  if (!at) settled = true;
  if (settled) return;
  const growing = new ResizeObserver(() => scrollTo(0, at));
  growing.observe(document.body);
  const timer = setTimeout(() => release(), SETTLE_MS);
  release = () => {
    growing.disconnect();
    clearTimeout(timer);
    for (const name of TAKEN_OVER) removeEventListener(name, release);
    settled = true;
    release = () => {};
  };
  for (const name of TAKEN_OVER) addEventListener(name, release, { passive: true });
}

// Calls `show` with the state when the reader goes back or forward; it calls `arrived` when done.
export function follow(show) {
  restore = show;
  history.scrollRestoration = "manual";
  let waiting = 0;
  addEventListener("scroll", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keepScroll, 120);
  }, { passive: true });
  addEventListener("pagehide", keepScroll);
  addEventListener("popstate", () => {
    clearTimeout(waiting);
    release();
    settled = false;
    restore(read());
  });
}
