// Texts of the search page's aids: why a result was found, a region of a picture, list or grid.
import { spoken } from "../common/language.js";

// The particle after a Korean word: 로 after a vowel or ㄹ; other words keep both.
function by(word) {
  const syllable = word.charCodeAt(word.length - 1) - 0xac00;
  if (!(syllable >= 0 && syllable < 11172)) return `${word}(으)로`;
  return `${word}${[0, 8].includes(syllable % 28) ? "로" : "으로"}`;
}

const ko = {
  why: "왜 나왔나요?",
  loading: "알아보는 중…",
  failed: "지금은 알 수 없습니다.",
  foundBy: (leg, rank) => `${by(leg)} ${rank}위`,
  notBy: (leg) => `${by(leg)}는 찾지 못함`,
  kinds: {
    lexical: "질의의 낱말이 이 항목에 있습니다.",
    identifier: "번호가 같거나 비슷합니다.",
    text: "낱말이 달라도 뜻이 가깝습니다.",
    image: "질의 사진과 생김새가 닮았습니다.",
    multimodal: "글과 사진의 내용이 가깝습니다.",
    like: "고른 항목과 닮았습니다.",
  },
  met: (word, places) => `${word}: ${places}`,
  metAs: (matched, field, n) => `${field}의 “${matched}”${n > 1 ? ` 등 ${n}곳` : ""}`,
  unmet: (words) => `이 항목에 없는 낱말: ${words}`,
  leads: "번호가 꼭 맞는 항목이라 맨 앞에 둡니다.",
  methods: {
    rrf: "방식마다 매긴 순위를 합친 것입니다.",
    weighted: "방식마다 매긴 점수를 같은 잣대로 맞추어 합친 것입니다.",
    lambdamart: "학습한 모델이 여러 방식의 점수로 순서를 정한 것입니다.",
  },
  weights: (list) => `비중: ${list}`,
  weight: (leg, weight) => `${leg} ${weight}배`,
  share: (leg, percent) => `${leg} ${percent}%`,
  shares: (list) => `점수에서 차지하는 몫: ${list}`,
  profile: (name) => `융합 프로필 ${name}의 비중입니다.`,
  reranked: (model) => `맨 앞의 순서는 재순위 모델(${model})이 글을 함께 읽고 다시 정했습니다.`,
  sorted: "값으로 정렬한 목록이라 순위를 매기지 않았습니다.",
  points: (score) => `합친 점수 ${score}`,
  part: "한 부분만",
  partOf: (name) => `${name} (한 부분)`,
  partTitle: "찾을 부분을 고르세요",
  partHow: "사진 위를 끌거나, 아래 막대를 화살표 키로 움직이세요.",
  sides: { x: "왼쪽에서", y: "위에서", w: "너비", h: "높이" },
  findPart: "이 부분으로 찾기",
  cancel: "그만두기",
  grid: "바둑판으로 보기",
  details: "자세히",
  weakFrom: "여기부터는 찾는 낱말도 번호도 없고, 우연히 나올 만큼만 가까운 것입니다.",
  rangeFrom: "부터",
  rangeTo: "까지",
  rangeGo: "적용",
  through: (low, high) => `${low} 이상 ${high} 이하`,
  upTo: (end) => `${end} 이하`,
};

const en = {
  why: "Why is it here?",
  loading: "Finding out…",
  failed: "It cannot be told now.",
  foundBy: (leg, rank) => `by ${leg}: rank ${rank}`,
  notBy: (leg) => `not found by ${leg}`,
  kinds: {
    lexical: "It has words of the query.",
    identifier: "A number in it is the same, or nearly.",
    text: "It is near in meaning, even where the words differ.",
    image: "It looks like the picture that was searched by.",
    multimodal: "Its texts and pictures are about the same thing.",
    like: "It is like the items that were chosen.",
  },
  met: (word, places) => `${word}: ${places}`,
  metAs: (matched, field, n) => `“${matched}” in ${field}${n > 1 ? ` and ${n - 1} more` : ""}`,
  unmet: (words) => `Words that it does not have: ${words}`,
  leads: "Its number is exactly the one asked for, so it comes first.",
  methods: {
    rrf: "The ranks of the ways are added up.",
    weighted: "The scores of the ways are brought to one scale and added up.",
    lambdamart: "A trained model ordered them by the scores of the ways.",
  },
  weights: (list) => `Weights: ${list}`,
  weight: (leg, weight) => `${leg} ×${weight}`,
  share: (leg, percent) => `${leg} ${percent}%`,
  shares: (list) => `Shares of the score: ${list}`,
  profile: (name) => `The weights are those of the fusion profile ${name}.`,
  reranked: (model) => `A reranker (${model}) read the first ones together with the query and ordered them again.`,
  sorted: "The list is sorted by a value; nothing was ranked.",
  points: (score) => `Score of all ways together: ${score}`,
  part: "only a part",
  partOf: (name) => `${name} (a part)`,
  partTitle: "Choose the part to search by",
  partHow: "Drag over the picture, or move the sliders with the arrow keys.",
  sides: { x: "From the left", y: "From above", w: "Width", h: "Height" },
  findPart: "Search by this part",
  cancel: "Cancel",
  grid: "As a grid",
  details: "Details",
  weakFrom: "From here on nothing has a word or number of the query, and is only as near as chance brings it.",
  rangeFrom: "from",
  rangeTo: "to",
  rangeGo: "Apply",
  through: (low, high) => `${low} to ${high}`,
  upTo: (end) => `up to ${end}`,
};

export const finding = () => (spoken() === "ko" ? ko : en);
