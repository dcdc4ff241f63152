// Levels of the detectors: how abnormal each finds a picture, and which made the verdict.
import { element } from "../common/dom.js";
import { number } from "../common/language.js";
import { told } from "../texts/defects.js";

const MOST = 3; // the level at the end of a bar; 1 is the mark on it

// Draws a bar for each detector, the strongest first. levels: by detector; spoke: those that made it a defect.
export function drawLevels(where, { levels = {}, spoke = [] }) {
  const rows = Object.entries(levels).sort(([, a], [, b]) => b - a).map(([name, level]) => row(name, level, spoke.includes(name)));
  where.replaceChildren(...(rows.length ? [element("h3", "", told().spokeTitle), ...rows, element("p", "soft", told().levelHint)] : []));
}

function row(name, level, speaks) {
  const bar = element("span", `fill ${speaks ? "hot" : ""}`);
  bar.style.width = `${Math.min(Math.max(level / MOST, 0), 1) * 100}%`;
  const mark = element("span", "mark");
  mark.style.left = `${100 / MOST}%`;
  const names = element("span", "", element("b", "", told().detectors[name] || name), " ", element("span", "soft", told().detectorHints[name] || ""));
  return element("div", "level", names, element("span", "meter", bar, mark), element("span", "number", number(level, 2)),
    speaks ? element("span", "state failed", told().spoke) : element("span"));
}
