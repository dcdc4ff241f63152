// One guard for everything that writes: keys, buttons, forms. What writes is marked `data-writes` in the page.
let writes = false;
let ended = Promise.resolve(); // when what is written now is

// Does one thing that writes, with all that writes at rest meanwhile. Whatever asks for a second before the
// first is answered is not heard: false. So nothing is recorded twice, and nothing is recorded of what is not
// on the page yet.
export async function writing(work) {
  if (writes) return false;
  writes = true;
  rest();
  let end;
  ended = new Promise((resolve) => { end = resolve; });
  try {
    await work();
    return true;
  } finally {
    writes = false;
    rest();
    end();
  }
}

// For what must not go unheard, such as going back: it waits for its turn.
export async function writingNext(work) {
  while (writes) await ended;
  return writing(work);
}

// For those that are drawn anew while something is written.
export function rest() {
  document.body.ariaBusy = String(writes);
  for (const one of document.querySelectorAll("[data-writes]")) one.disabled = writes || one.dataset.empty === "true";
}

const unheard = (event) => {
  if (!event.target.closest?.("[data-writes]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
};

// The second click of a double click, and a key that is held down, would be taken for the next thing.
document.addEventListener("click", (event) => { if (event.detail > 1) unheard(event); }, true);
document.addEventListener("keydown", (event) => { if (event.repeat && ["Enter", " "].includes(event.key)) unheard(event); }, true);
