// Texts of the page of contradictions: rules, sentences about their evidence, reasons of not judging.
import { spoken } from "../common/language.js";

const list = (values) => (values || []).join(", ");

const ko = {
  rules: {
    number: "명판의 번호", maker: "명판의 제조사", nameplate: "명판의 유무", confidence: "읽기 어려운 사진",
    duplicate: "같은 사진", near_duplicate: "거의 같은 사진", category: "다른 분류의 생김새", model: "모델의 판단",
  },
  states: { open: "열린 것", accepted: "인정한 것", mended: "고친 것", all: "모두" },
  every: "모든 규칙",
  says: {
    number: (e) => `사진에는 ${e.read}, ${e.field} 칸에는 ${list(e.given)}.${e.belongs_to ? ` 그 번호는 ${e.belongs_to}의 것입니다.` : ""}`,
    maker: (e) => `사진에는 ${e.read}, 제조사 칸에는 ${e.given}.`,
    nameplate: (e) => (e.has_nameplate ? "명판이 있다고 하지만 읽은 글자가 없습니다." : `명판이 없다고 하지만 ${e.lines}줄을 읽었습니다: ${e.read}`),
    confidence: (e) => ("letters" in e ? `명판에서 ${e.letters}자만 읽었습니다. 이 컬렉션에서는 보통 ${e.usual}자.` : `읽기 신뢰도 ${e.confidence}, 이 컬렉션에서는 보통 ${e.usual}.`),
    duplicate: (e) => `부품 번호가 다른 ${e.other}의 사진과 같은 파일입니다.`,
    near_duplicate: (e) => `부품 번호가 다른 ${e.other}의 사진과 거의 같습니다 (${e.similarity}).`,
    category: (e) => `가장 비슷한 사진 ${e.of}장 가운데 ${e.votes}장이 ${e.like}입니다. 이 항목의 분류: ${e.given}.`,
    model: (e) => e.says || "",
  },
  reasons: {
    "no picture": "사진 없음", "not read yet": "아직 읽지 않음", "reading failed": "읽기 실패", "no reader": "읽는 엔진 없음",
    "nothing written": "글자 없음", "no number": "번호 없음", "no maker": "제조사 없음", "no has_nameplate": "명판 유무를 적지 않음",
    "fewer than 20 pictures read": "읽은 사진이 20장 미만", "fewer than 3 lines": "세 줄 미만", "no space of pictures": "사진 벡터 공간 없음",
    "no vector yet": "벡터가 아직 없음", "no category": "분류 없음", "only nameplates": "명판 사진뿐", "rare category": "드문 분류",
    "too few pictures near": "가까운 사진이 적음",
  },
  judgeNow: "지금 찾기",
  judging: (n, all) => `${n} / ${all}건을 살펴보는 중…`,
  judged: (n, at) => `${at}에 ${n}건을 살펴보았습니다.`,
  never: "아직 살펴보지 않았습니다. 찾은 모순은 사람이 인정하거나 고칠 때까지 남습니다.",
  counts: (open, accepted, mended) => `열림 ${open} · 인정 ${accepted} · 고침 ${mended}`,
  ended: (n) => `새로 찾은 모순 ${n.opened}건, 다시 나타난 것 ${n.reopened}건, 없어진 것 ${n.mended}건.`,
  unjudged: (n) => `판단하지 못한 것 (${n})`,
  items: (n) => `${n}건`,
  none: "여기에는 모순이 없습니다.",
  accept: "그대로 인정", mend: "고쳤음", reopen: "다시 열기", note: "메모 (선택)",
  by: (who, at) => (who ? `${who} · ${at}` : `${at} · 다시 찾았을 때 없어짐`),
  readersLook: "이 키로는 보기만 할 수 있습니다. 인정하고 고치려면 쓰기 권한이 있는 키가 필요합니다.",
  noCollections: "컬렉션이 없습니다.",
  more: "더 보기",
};

const en = {
  rules: {
    number: "Number on the plate", maker: "Maker on the plate", nameplate: "Nameplate or none", confidence: "Hardly readable",
    duplicate: "The same picture", near_duplicate: "Nearly the same picture", category: "Looks of another category", model: "A model's view",
  },
  states: { open: "open", accepted: "accepted", mended: "mended", all: "all" },
  every: "every rule",
  says: {
    number: (e) => `The picture says ${e.read}, the field ${e.field} says ${list(e.given)}.${e.belongs_to ? ` That number is ${e.belongs_to}'s.` : ""}`,
    maker: (e) => `The picture says ${e.read}, the maker is given as ${e.given}.`,
    nameplate: (e) => (e.has_nameplate ? "It is said to have a nameplate, and nothing is read." : `It is said to have no nameplate, and ${e.lines} lines are read: ${e.read}`),
    confidence: (e) => ("letters" in e ? `Only ${e.letters} characters are read on the nameplate; usual here are ${e.usual}.` : `Read with a confidence of ${e.confidence}; usual here is ${e.usual}.`),
    duplicate: (e) => `The same file as the picture of ${e.other}, which has another part number.`,
    near_duplicate: (e) => `Nearly the picture of ${e.other} (${e.similarity}), which has another part number.`,
    category: (e) => `${e.votes} of the ${e.of} pictures nearest to it show ${e.like}. Category of this item: ${e.given}.`,
    model: (e) => e.says || "",
  },
  reasons: {},
  judgeNow: "Find now",
  judging: (n, all) => `Looking at ${n} of ${all} items…`,
  judged: (n, at) => `${n} items were looked at, ${at}.`,
  never: "Nobody has looked yet. What is found stays until a person accepts or mends it.",
  counts: (open, accepted, mended) => `${open} open · ${accepted} accepted · ${mended} mended`,
  ended: (n) => `${n.opened} contradictions are new, ${n.reopened} are back, ${n.mended} are gone.`,
  unjudged: (n) => `What could not be judged (${n})`,
  items: (n) => `${n} items`,
  none: "Nothing contradicts itself here.",
  accept: "Right as it is", mend: "Mended", reopen: "Open again", note: "note (optional)",
  by: (who, at) => (who ? `${who} · ${at}` : `${at} · not found any more`),
  readersLook: "With this key you can only look. Accepting and mending take a writer key.",
  noCollections: "There are no collections.",
  more: "More",
};

export const told = () => (spoken() === "ko" ? ko : en);
