// Aids of the search page: results while typing, keys, saved searches, results as a file, list or grid.
import * as exporting from "./exports.js";
import * as keys from "./keys.js";
import * as layout from "./layout.js";
import * as live from "./live.js";
import * as saved from "./saved.js";

export const draw = saved.draw;
export { layOut } from "./layout.js";

// preview(query, legs) shows results of what is typed; answer(): the one shown; name(), values(): of the search; turn():
// from the list to the grid and back.
export function listen({ preview, answer, name, values, turn }) {
  layout.listen(turn);
  live.listen(preview);
  keys.listen();
  exporting.listen(answer);
  saved.listen(name, values);
}
