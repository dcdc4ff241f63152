// An address that is none.
import { open } from "./head.js";
import { texts } from "./language.js";
import { say } from "./message.js";

open("noPage", () => say(texts().noPage, texts().noPageHint, "large"));
