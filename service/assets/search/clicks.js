// Results that are opened, told to the server: where queries are logged, the collection's fusion learns from it.

// Tells once when a result's page is opened from its card, whatever comes of it; returns the card.
export function noted(card, hit, { c: collection, q: query }) {
  if (!query) return card;
  const body = JSON.stringify({ query, external_id: hit.external_id, rank: hit.rank });
  const tell = (event) => {
    if (!event.target.closest?.('a[href^="/item"]')) return;
    for (const kind of ["click", "auxclick"]) card.removeEventListener(kind, tell);
    const request = { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: true };
    fetch(`/collections/${encodeURIComponent(collection)}/clicks`, request).catch(() => {});
  };
  for (const kind of ["click", "auxclick"]) card.addEventListener(kind, tell);
  return card;
}
