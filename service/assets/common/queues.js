// Queues that nothing serves: something waits, and no program is running that would take it.
import { element } from "./dom.js";
import { number, texts } from "./language.js";
import { called } from "./values.js";

const COMMANDS = { worker: "seogo worker", scheduler: "seogo schedule run --forever" };

export function unserved(queues) {
  return queues.filter((queue) => queue.waiting > 0 && queue.served === 0).map((queue) => {
    const box = element("div", "notice");
    const name = [called(queue.queue, "KINDS"), queue.name].filter(Boolean).join(" · ");
    box.append(element("strong", "", texts().unserved(name, number(queue.waiting))), " ");
    box.append(texts().servers[queue.server], " ", element("code", "", COMMANDS[queue.server]));
    return box;
  });
}
