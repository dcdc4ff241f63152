// Answer to the words that were searched for: statements while they are written, each with the passages it cites.
import { $, button, element, link } from "../../common/dom.js";
import { texts } from "../../common/language.js";
import { translated } from "../../common/message.js";
import { events } from "../../common/stream.js";

let latest = 0; // only the latest question may write to the panel

// Offers an answer for a search by words; `filter` is the search's.
export function offerAnswer({ collection, question, filter }) {
  const mine = ++latest;
  const panel = $("answer");
  panel.hidden = !question;
  const box = element("div", "answer-body");
  box.setAttribute("aria-live", "polite");
  const ask = button("small", () => answer(box, ask, { collection, question, filter, current: () => mine === latest }), texts().answer.ask);
  panel.replaceChildren(ask, box);
}

async function answer(box, ask, { collection, question, filter, current }) {
  const t = texts().answer;
  const list = element("ul", "statements");
  let passages = [];
  ask.disabled = true;
  box.replaceChildren(element("p", "soft", t.reading));
  try {
    for await (const { name, data } of events(`/collections/${encodeURIComponent(collection)}/ask/stream`, { question, filter })) {
      if (!current()) return;
      if (name === "passages") passages = data;
      if (name === "statement") {
        list.append(statement(data, passages));
        box.replaceChildren(list);
      }
      if (name === "end") box.replaceChildren(...whole(data, list));
      if (name === "problem") box.replaceChildren(list, element("p", "wrong", translated(data.detail || t.failed)));
    }
  } catch (error) {
    if (current()) box.replaceChildren(element("p", "wrong", error.message || t.failed));
  } finally {
    ask.disabled = false;
  }
}

function statement({ text, cites }, passages) {
  const places = cites.map((number) => passages.find((one) => one.number === number)).filter(Boolean);
  return element("li", "", text, ...places.map((one) => cited(one)));
}

// A passage is quoted as text: whatever it says is never markup.
function cited(passage) {
  const place = [passage.title || passage.external_id, passage.part].filter(Boolean).join(" ");
  const quote = element("blockquote", "", passage.text);
  const source = link(`/item?id=${passage.item_id}`, "", place);
  return element("details", "cited", element("summary", "", `[${passage.number}] ${place}`), quote, source);
}

function whole(answer, list) {
  const t = texts().answer;
  const lines = [];
  if (answer.refused) lines.push(element("p", "", t.refused[answer.refused]));
  else lines.push(list);
  for (const why of [...answer.degraded, ...answer.weak_why]) lines.push(element("p", "soft", translated(why)));
  if (answer.dropped) lines.push(element("p", "soft", t.dropped(answer.dropped)));
  lines.push(element("p", "soft", answer.writer === "extractive" ? t.extract : t.by(answer.writer)));
  return lines;
}
