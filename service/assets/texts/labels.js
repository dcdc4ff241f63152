// Display names of item keys and of the service's own names: [Korean, English]. Other keys are shown as they are.
export const KEYS = {
  abbr: ["약칭", "short name"], answer_text: ["정답", "answer"], article: ["조", "article"], body: ["본문", "text"],
  caption: ["사진 설명", "caption"], category: ["분류", "category"], chapter: ["장", "chapter"], choices: ["보기", "choices"],
  citation: ["인용", "citation"], cites: ["인용하는 것", "cites"], country: ["나라", "country"], curriculum: ["교육과정", "curriculum"],
  decided: ["선고일", "decided"], decisions: ["판례", "decisions"], defect: ["결함", "defect"], description: ["설명", "description"], difficulty: ["난이도", "difficulty"],
  doc: ["법령", "statute"], document: ["문서", "document"], explanation: ["풀이", "solution"],
  grade: ["학년", "grade"], has_image: ["그림 있음", "has a picture"], has_nameplate: ["명판 있음", "has a nameplate"],
  heading: ["제목", "heading"], in_stock: ["재고 있음", "in stock"], keywords: ["핵심어", "keywords"], kind: ["종류", "kind"],
  label: ["구분", "label"], language: ["언어", "language"], law: ["법령", "statute"], lead_time_days: ["납기(일)", "lead time (days)"],
  maker: ["제조사", "maker"], model: ["모델", "model"], name: ["이름", "name"], nameplate: ["명판", "nameplate"], note: ["메모", "note"],
  ocr: ["사진 속 글자", "text on pictures"], origin: ["원산지", "origin"], page: ["쪽", "page"], paragraph: ["항", "paragraph"],
  part_number: ["부품 번호", "part number"], photo: ["사진", "photo"], piece: ["개체", "piece"], power_w: ["전력(W)", "power (W)"],
  product: ["제품", "product"], question: ["문제", "question"], question_type: ["문항 유형", "type of question"], rating: ["정격", "rating"],
  school_level: ["학교급", "school"], section: ["절", "section"], semester: ["학기", "semester"],
  serial_number: ["일련번호", "serial number"], source: ["출처", "source"], stock_qty: ["재고 수량", "in stock (pieces)"],
  subject: ["과목", "subject"], text: ["본문", "text"], title: ["제목", "title"], type: ["유형", "type"], unit_large: ["대단원", "unit"],
  unit_medium: ["중단원", "unit, medium"], unit_small: ["소단원", "unit, small"], units: ["단원", "units"], view: ["촬영 방향", "view"],
  valid_from: ["시행일", "in force from"], valid_until: ["실효일", "in force until"], version_of: ["연혁", "version of"],
  voltage_v: ["전압(V)", "voltage (V)"], weight_kg: ["무게(kg)", "weight (kg)"], year: ["연도", "year"],
};

// Values of keys that recipes write, by key.
export const VALUES = {
  kind: {
    law: ["법령", "statute"], admin_rule: ["행정규칙", "administrative rule"], precedent: ["판례", "precedent"],
  },
  language: { ko: ["한국어", "Korean"], en: ["영어", "English"] },
};

export const STAGES = {
  load: ["읽어 넣기", "loading"], ocr: ["사진 속 글자 읽기", "reading pictures"], caption: ["사진 설명 쓰기", "captions"],
  item_caption: ["항목 설명 쓰기", "captions of items"],
  text: ["글 벡터", "vectors of texts"], image: ["사진 벡터", "vectors of pictures"], multimodal: ["글·사진 벡터", "vectors of both"],
  search: ["비슷한 사진", "similar pictures"], anomaly: ["이상 판정", "judging"], manual: ["설명서", "manual"], guide: ["안내", "guide"],
  guess: ["짐작", "guess"],
};

export const COUNTS = {
  inserted: ["추가", "inserted"], updated: ["수정", "updated"], unchanged: ["그대로", "unchanged"], refused: ["거절", "refused"],
  pictures: ["사진", "pictures"], refused_pictures: ["거절한 사진", "refused pictures"], stored: ["저장", "stored"],
  failed: ["실패", "failed"], deleted: ["삭제", "deleted"], enqueued: ["대기열에 추가", "queued"], merged: ["정리", "merged"],
  queries: ["질의", "queries"], items: ["항목", "items"], segments: ["조각", "segments"], spaces: ["공간", "spaces"],
  calibrated: ["기준 잼", "calibrated"], too_few: ["벡터 부족", "too few vectors"], judged: ["판정", "judged"],
  opened: ["새 모순", "new"], reopened: ["다시 나타남", "back again"], mended: ["고침", "mended"], standing: ["남음", "open"],
  collections: ["컬렉션", "collections"], banks: ["메모리 뱅크", "memory banks"], alarms: ["경보", "alarms"],
  defect: ["이상", "abnormal"], normal: ["정상", "normal"], unknown: ["판정 못 함", "not judged"],
};

export const KINDS = {
  ingest: ["데이터 넣기", "ingest"], embed_stale: ["낡은 벡터 찾기", "find stale vectors"], merge_postings: ["색인 정리", "compact the indexes"],
  measure_recall: ["재현율 측정", "measure recall"], nightly_evaluation: ["평가 실행", "evaluate"], backup: ["백업", "backup"],
  rebuild_banks: ["메모리 뱅크 다시 만들기", "rebuild memory banks"], forget_analyses: ["오래된 검사 기록 지우기", "delete old analyses"],
  measure_drift: ["점수 변화 재기", "measure drift of scores"], forget_events: ["오래된 사건 기록 지우기", "delete old events"],
  calibrate_spaces: ["가까움 기준 재기", "calibrate nearness"], judge_quality: ["모순 찾기", "find contradictions"],
  propose_synonyms: ["동의어 제안", "propose synonyms"],
  propose_improvements: ["개선 제안", "propose improvements"],
  try_profiles: ["융합 프로필 시험", "try profiles"],
  start_generation: ["새 세대 시작", "start a generation"], switch_generation: ["세대 바꾸기", "switch the generation"],
  drop_generation: ["세대 지우기", "drop a generation"], verify_backup: ["백업 검증", "prove a backup"], self_tuning: ["스스로 융합 학습", "learn fusions"],
  quality: ["모순 찾기", "finding contradictions"],
  defect_batch: ["사진 여러 장 검사", "inspection of many pictures"], defect_watch: ["폴더 지켜보기", "watched folder"],
  tune: ["융합 학습", "tuning"], train: ["모델 학습", "training"], vectors: ["벡터", "vectors"], vector: ["벡터", "vector"],
  readings: ["사진 읽기", "reading of pictures"], queries: ["질의 벡터", "vectors of queries"], query: ["질의", "query"],
  jobs: ["예약 작업", "scheduled jobs"], picture: ["사진", "picture"], text: ["글", "text"], ocr: ["사진 속 글자", "text on pictures"],
  caption: ["사진 설명", "caption"], item_caption: ["항목 설명", "caption of an item"], image: ["사진", "picture"], upload: ["올리기", "upload"], main: ["정면", "main"],
};
