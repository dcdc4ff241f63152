// Roving tab stop: of a group one element is reached by Tab, the others by arrow keys (ARIA Authoring Practices).
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

// Makes the elements of a box such a group. enter(at): what Enter does on one.
export function roving(box, all, enter) {
  all.forEach((one, at) => { one.tabIndex = at ? -1 : 0; });
  box.addEventListener("focusin", (event) => {
    if (all.includes(event.target)) all.forEach((one) => { one.tabIndex = one === event.target ? 0 : -1; });
  });
  box.addEventListener("keydown", (event) => {
    const at = all.indexOf(event.target);
    const step = STEPS[event.key];
    if (at < 0 || !(step || event.key === "Enter")) return;
    event.preventDefault();
    event.stopPropagation();
    if (step) all[Math.min(Math.max(at + step, 0), all.length - 1)].focus();
    else enter(at);
  });
}
