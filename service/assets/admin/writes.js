// Buttons of administration that write, one at a time, after a question where there is no way back.
import { button } from "../common/dom.js";
import { reporting } from "../common/message.js";
import { writing } from "../common/writing.js";

export const acting = (work) => () => writing(reporting(work));

// Creates a button. sure: the question asked before, if any.
export function write(name, work, sure = "") {
  const made = button("small", acting(async () => { if (!sure || confirm(sure)) await work(); }), name);
  made.dataset.writes = "";
  return made;
}
