// Aids of the search page: results while typing, keys, saved searches, results as a file.
import * as exporting from "./exports.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as saved from "./saved.js";

export const draw = saved.draw;

// preview(query, legs) shows results of what is typed; answer(): the one shown; name(), values(): of the search.
export function listen({ preview, answer, name, values }) {
  live.listen(preview);
  keys.listen();
  exporting.listen(answer);
  saved.listen(name, values);
}
