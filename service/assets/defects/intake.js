// Pictures dropped on the page or pasted into it.
// Calls `take` with the files. takes: whether the page can use them now.
export function intake(take, takes) {
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      document.body.classList.toggle("dragging", takes());
    });
  }
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dragging"); });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    given(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => given(event.clipboardData.files));

  function given(files) {
    if (files.length && takes()) take(files);
  }
}
