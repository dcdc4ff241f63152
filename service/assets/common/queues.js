// Notices of unserved queues: entries are waiting, and no program is running to process them.
import { element } from "./dom.js";
import { number, texts } from "./language.js";
import { called } from "./values.js";

const COMMANDS = { worker: "seogo worker", scheduler: "seogo schedule run --forever" };

export function unserved(queues) {
  return queues.filter((queue) => queue.waiting > 0 && queue.served === 0).map((queue) => {
    const name = [called(queue.queue, "KINDS"), queue.name].filter(Boolean).join(" · ");
    return element("div", "notice", element("strong", "", texts().unserved(name, number(queue.waiting))), " ",
      texts().servers[queue.server], " ", element("code", "", COMMANDS[queue.server]));
  });
}
