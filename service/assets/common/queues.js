// Notices of unserved queues: no program is running to process what waits, or none that runs could.
import { element } from "./dom.js";
import { number, texts } from "./language.js";
import { translated } from "./message.js";
import { called } from "./values.js";

const COMMANDS = { worker: "seogo worker", scheduler: "seogo schedule run --forever" };

export const unserved = (queues) => queues.flatMap((queue) => {
  const stuck = queue.stuck.reduce((n, part) => n + part.n, 0);
  const idle = queue.waiting > stuck && queue.served === 0;
  return [...queue.stuck.map((part) => hopeless(queue, part)), ...(idle ? [waiting(queue, queue.waiting - stuck)] : [])];
});

const titleOf = ({ queue, name }) =>
  [called(queue, "KINDS"), queue === "readings" ? called(name, "KINDS") : name].filter(Boolean).join(" · ");

const waiting = (queue, n) =>
  element("div", "notice", element("strong", "", texts().unserved(titleOf(queue), number(n))), " ",
    texts().servers[queue.server], " ", element("code", "", COMMANDS[queue.server]));

// Shows what waits for a captioner, an OCR engine or an encoder that no worker has, with the reason and the remedy.
const hopeless = (queue, { n, why, todo }) =>
  element("div", "notice", element("strong", "", texts().hopeless(titleOf(queue), number(n))), " ",
    translated(why), " — ", translated(todo));
