// Answers without servers (shards) that do not answer: the box that asks for them, the button behind a failure, and what is said.
import { $, button } from "../../common/dom.js";
import { texts } from "../../common/language.js";

const LEFT_OUT = /^shard \S+ is left out: /;

// Shows the box where the collection is on shards.
export function showPartial(sharded, asked) {
  $("sharded").hidden = !sharded;
  $("partial").checked = asked === "1";
}

export const partialAsked = () => ($("partial").checked ? "1" : "");

export const followPartial = (act) => $("partial").addEventListener("change", act);

// Offers an answer without them, where a search failed because a server does not answer.
export function offerPartial(error, act) {
  if (error.kind === "shard-unavailable") $("message").append(button("small", act, texts().answerWithout));
}

// Parts the reasons why an answer is less than was asked for: servers left out, and others.
export const parted = (reasons) => [reasons.filter((one) => LEFT_OUT.test(one)), reasons.filter((one) => !LEFT_OUT.test(one))];
