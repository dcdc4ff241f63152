// Page of an unknown address.
import { open } from "../common/head.js";
import { texts } from "../common/language.js";
import { say } from "../common/message.js";

open("noPage", () => say(texts().noPage, texts().noPageHint, "large"));
