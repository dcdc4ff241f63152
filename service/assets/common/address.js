// What a page shows, kept in its address: reloading, Back and a copied link show it again. It stands after
// the #, which a browser sends to no server: what is searched for stays out of logs. How far one had scrolled
// is kept with the entry of the history.
const SETTLE_MS = 3000; // while formulas and pictures come in, the page grows
const TAKEN_OVER = ["wheel", "touchstart", "pointerdown", "keydown"]; // the reader scrolls by himself
let restore = () => {};
let settled = false; // whether the page stands as its address says; until then scrolling is not the reader's
let release = () => {}; // ends holding the page where the reader was

export function read() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

// values: texts and numbers by name; empty ones are left out. replace: no new entry to go back to.
export function write(values, { replace = false } = {}) {
  const kept = Object.entries(values).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  const hash = kept.length ? `#${new URLSearchParams(kept)}` : location.pathname + location.search;
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

// The page stands as its address says: scroll to where the reader was, and stay there while it still grows.
export function arrived() {
  if (settled) return;
  const at = history.state?.scroll;
  if (!at) {
    settled = true;
    return;
  }
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

// show: makes the page what `read()` says, and calls `arrived` when it is.
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
