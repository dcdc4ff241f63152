// Server-sent events as the answer to a POST, which EventSource cannot send.
import { Failure, signedIn } from "./server.js";

// Yields { name, data } for each event, data parsed. Signs in first if needed.
export async function* events(url, body) {
  const response = await signedIn(() => fetch(url, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  }));
  if (!response.ok) throw new Failure(response.status, await response.json().catch(() => ({})));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value.replaceAll("\r", "")).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n");
      const of = (field) => lines.filter((line) => line.startsWith(`${field}: `)).map((line) => line.slice(field.length + 2)).join("\n");
      if (of("data")) yield { name: of("event"), data: JSON.parse(of("data")) };
    }
  }
}
