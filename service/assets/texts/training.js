// Texts of the page of training: steps, what they left out, curves.
import { spoken } from "../common/language.js";

const ko = {
  kinds: { pairs: "쌍 만들기", mined: "오답 찾기", changed: "쌍 바꾸기", run: "학습", gate: "심사" },
  states: { running: "진행 중", done: "끝남", refused: "거절됨", failed: "실패", interrupted: "중단됨" },
  chain: "데이터 → 쌍 → 학습 → 심사 → 세대",
  none: "아직 학습한 것이 없습니다.",
  noneHint: "seogo pairs make 로 쌍을 만들고, seogo train run 으로 학습하세요.",
  refused: "제외한 것",
  nothing: "제외한 것 없음",
  reasons: {
    "questions that a set to stay apart from asks": "따로 둘 질의 집합과 같은 질문",
    "another point of a decision in such a set": "그런 집합에 있는 판결의 다른 쟁점",
    "held-out questions that others ask nearly": "다른 쌍이 거의 그대로 묻는 검증용 질문",
    "too few negatives": "오답이 모자란 쌍",
    "lines that are no pair": "쌍이 아닌 줄",
    "negatives that the teacher takes for answers": "교사가 정답으로 본 오답",
  },
  fewer: (n) => `오답이 ${n}개 미만인 쌍`,
  live: (name) => `서비스 중인 세대: ${name}`,
  notLive: "서비스에 올리지 않음",
  before: "학습 전",
  encoders: { multi: "토큰마다 벡터 하나 (MaxSim)", sparse: "토큰 가중치 (학습된 희소 검색)" },
  best: (n) => `남긴 단계: ${n}`,
  progress: (n, all) => `${n} / ${all} 단계`,
  ms: "한 단계(밀리초)",
  phases: { data: "데이터", forward: "순방향", backward: "역방향", update: "갱신" },
  curve: "단계별 손실과 검색 품질",
  loss: "손실", held: "검증용 손실",
  files: "쌍",
  changes: "바꾼 설정",
  older: "더 보기",
};

const en = {
  kinds: { pairs: "Pairs made", mined: "Negatives mined", changed: "Pairs changed", run: "Training", gate: "Gate" },
  states: { running: "running", done: "done", refused: "refused", failed: "failed", interrupted: "interrupted" },
  chain: "data → pairs → run → gate → generation",
  none: "Nothing has been trained yet.",
  noneHint: "seogo pairs make writes pairs, seogo train run trains on them.",
  refused: "Left out",
  nothing: "nothing left out",
  reasons: {},
  fewer: (n) => `pairs with fewer than ${n} negatives`,
  live: (name) => `live generation: ${name}`,
  notLive: "not put into service",
  before: "untrained",
  encoders: { multi: "a vector per token (MaxSim)", sparse: "weights of tokens (learned sparse)" },
  best: (n) => `step kept: ${n}`,
  progress: (n, all) => `step ${n} of ${all}`,
  ms: "A step takes, ms",
  phases: { data: "data", forward: "forward", backward: "backward", update: "update" },
  curve: "Loss and retrieval by step",
  loss: "loss", held: "held-out loss",
  files: "Pairs",
  changes: "Settings changed",
  older: "More",
};

export const words = () => (spoken() === "ko" ? ko : en);

// Reasons come from the server in English.
export function reason(text) {
  const few = text.match(/^fewer than (\d+) negatives$/);
  return few ? words().fewer(few[1]) : words().reasons[text] || text;
}
