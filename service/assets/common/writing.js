// Guard against double writes: one write at a time, by keys, buttons or forms. Their elements are marked `data-writes`.
let writes = false;
let ended = Promise.resolve(); // promise of the write in progress

// Runs one write while all marked elements are disabled. A second one before the first is answered is ignored and
// returns false: nothing is recorded twice, or about something that is not on the page yet.
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

// Runs a write that must not be ignored, such as going back: it waits for its turn.
export async function writingNext(work) {
  while (writes) await ended;
  return writing(work);
}

// Disables or enables the marked elements; needed also after redrawing them during a write.
export function rest() {
  document.body.ariaBusy = String(writes);
  for (const one of document.querySelectorAll("[data-writes]")) one.disabled = writes || one.dataset.empty === "true";
}

const unheard = (event) => {
  if (!event.target.closest?.("[data-writes]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
};

// The second click of a double click and the repeats of a held key would act on the next item.
document.addEventListener("click", (event) => { if (event.detail > 1) unheard(event); }, true);
document.addEventListener("keydown", (event) => { if (event.repeat && ["Enter", " "].includes(event.key)) unheard(event); }, true);
