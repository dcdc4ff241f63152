// An address that is none.
import { open } from "../common/head.js";
import { texts } from "../common/language.js";
import { say } from "../common/message.js";

open("noPage", () => say(texts().noPage, texts().noPageHint, "large"));
