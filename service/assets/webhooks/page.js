// Page of webhooks and events: what is sent where, what was delivered, what happened.
import * as address from "../common/address.js";
import { $ } from "../common/dom.js";
import { open, titled } from "../common/head.js";
import { texts } from "../common/language.js";
import { loaded } from "../common/message.js";
import { may } from "../common/server.js";
import { rest, writing } from "../common/writing.js";
import { told } from "../texts/webhooks.js";
import { drawDeliveries, showDeliveries } from "./deliveries.js";
import { drawEvents, loadEvents } from "./events.js";
import { drawHooks, loadHooks } from "./hooks.js";

let admin = null; // null: not known yet

function draw() {
  titled(texts().webhooks);
  $("not-admin").hidden = admin !== false;
  $("hooks").hidden = admin === false;
  if (admin) drawHooks();
  drawDeliveries();
  drawEvents();
  rest();
}

async function restore(values) {
  if (admin) await showDeliveries(values.hook || "", values.state || "");
  draw();
  address.arrived();
}

const load = async () => {
  await Promise.all([
    loaded($("hooks"), async () => {
      admin = await may("admin");
      if (!admin) return;
      await loadHooks();
      await restore(address.read());
    }),
    loaded($("events"), loadEvents),
  ]);
  draw();
};

open("webhooks", draw, told);
address.follow(restore);
writing(load);
