// Texts of the evaluation page: [Korean, English].
import { spoken } from "../common/language.js";

const SAID = {
  run: ["실행", "Run"],
  truth: ["정답", "Judgments"],
  measures: ["지표", "Measures"],
  blame: ["무엇이 놓쳤나", "Who lost what"],
  legs: ["검색 방식끼리 견주기", "Legs beside each other"],
  legsNote: [
    "정답 가운데 두 방식이 처음 10개 안에 함께 찾은 수와, 어느 하나라도 찾은 것 가운데의 비율입니다. 대각선은 그 방식이 찾은 수입니다.",
    "Relevant items that both legs have among their first 10, and their share of what either has. The diagonal is what the leg has.",
  ],
  errors: ["정답을 놓친 질의", "Queries that lost an item"],
  errorsNote: [
    "처음 10개 안에 오지 못한 정답과, 그것을 놓친 단계와, 방식마다 준 순위입니다. 모두 받으려면: seogo eval errors 번호 --csv 파일",
    "The item that is not among the first 10, what lost it, and the rank each leg gave it. All of them: seogo eval errors RUN --csv FILE",
  ],
  decisions: ["융합과 재순위에 대한 결정", "Decisions on fusion and rerankers"],
  none: ["없습니다.", "None."],
  noRuns: ["아직 평가한 적이 없습니다. seogo eval run 을 보세요.", "Nothing has been evaluated yet: seogo eval run."],
  noJudgments: ["이 질의 집합에는 정답이 없습니다.", "Nobody has judged this query set."],
  noLegs: ["다른 시스템의 실행이라 방식이 나뉘지 않습니다.", "A run of another system has no legs."],
  pairs: ["정답 항목", "relevant items"],
  found: ["답이 찾음", "the answer has"],
  oracle: ["하나라도 찾음 (최선의 융합)", "any leg has (oracle)"],
  several: ["여러 방식이 찾음", "several legs have"],
  alone: ["한 방식만 찾음", "one leg alone has"],
  nowhere: ["아무도 찾지 못함", "no leg has"],
  missed: ["방식은 찾았으나 답에 없음", "a leg has, the answer has not"],
  lifted: ["방식에는 없으나 답이 찾음", "the answer has, no leg among its first"],
  recall: ["답의 재현율", "recall of the answer"],
  oracle_recall: ["최선의 재현율", "recall of the oracle"],
  best: ["가장 나은 방식", "best leg"],
  showGrid: ["시도한 값 보기", "show the grid"],
  gridNote: [
    "행은 가중치, 열은 점수를 맞추는 방법입니다. 학습에 쓴 질의의 평균이므로, 처음 보는 질의에서는 이보다 낮습니다.",
    "Rows are weights, columns ways of scaling. Means over the queries that were learned from: on unseen ones they are lower.",
  ],
  asTable: ["표로 보기", "as a table"],
  unlisted: ["없음", "–"],
  inUse: ["사용 중", "in use"],
  before: ["사용하지 않음", "not in use"],
  moreErrors: ["더 있습니다", "there are more"],
};

const COLUMNS = {
  measures: [["지표", "분류", "질의", "값"], ["measure", "category", "queries", "value"]],
  blame: [["원인", "정답 항목", "질의", "비율"], ["cause", "relevant items", "queries", "share"]],
  errors: [["질의", "내용", "원인", "항목", "순위", "방식별 순위"], ["query", "asked", "cause", "item", "rank", "rank per leg"]],
  decisions: [["번호", "컬렉션", "종류", "지표", "상태", "이유", ""], ["#", "collection", "kind", "measure", "state", "reason", ""]],
};

const VERDICTS = {
  found: ["찾음", "found"],
  rerank: ["재순위가 놓침", "lost by the reranker"],
  fusion: ["융합이 놓침", "lost by fusion"],
  depth: ["찾았으나 순위가 낮음", "ranked too low by every leg"],
  legs: ["어떤 방식도 찾지 못함", "found by no leg"],
  unread: ["그림을 아직 읽지 않음", "picture not read yet"],
  ocr: ["OCR이 읽지 못함", "not read by OCR"],
  identifier: ["읽었으나 식별자로 뽑지 못함", "read, but not taken for a number"],
  caption: ["캡션에 없음", "the caption does not say it"],
  embedding: ["벡터가 없거나 낡음", "no vector, or an outdated one"],
  filter: ["필터에 걸리지 않음", "does not pass the filter"],
  absent: ["컬렉션에 없음", "not in the collection"],
  unanswered: ["질의에 답이 없음", "the query has no answer"],
};

const at = () => (spoken() === "ko" ? 0 : 1);

export const said = (key) => SAID[key][at()];
export const columns = (key) => COLUMNS[key][at()];
export const verdict = (name) => VERDICTS[name]?.[at()] ?? name;
