"""Texts of the evaluation report, in English and Korean."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Evaluation report", "평가 보고서"),
    "run": ("run", "실행"),
    "label": ("label", "이름"),
    "set": ("query set", "질의 집합"),
    "collection": ("collection", "컬렉션"),
    "truth": ("judgments", "정답"),
    "queries": ("queries", "질의 수"),
    "items": ("items", "항목 수"),
    "legs": ("legs", "검색 방식"),
    "fusion": ("fusion", "융합"),
    "profile": ("profile", "프로필"),
    "encoders": ("encoders", "인코더"),
    "code": ("version", "버전"),
    "started": ("started", "시작"),
    "quality": ("Quality", "품질"),
    "quality_note": (
        "Means over all judged queries; a query without an answer counts as 0. The intervals hold 95 % of"
        " the means of resampled queries (bootstrap).",
        "판정이 있는 모든 질의의 평균이며, 답이 없는 질의는 0으로 셉니다."
        " 구간은 질의를 다시 뽑은 평균의 95 %를 담습니다(부트스트랩).",
    ),
    "cut_note": (
        "Without a depth in its name, it looks at no more than the first so many answers of the run:",
        "이름에 깊이가 없으므로 이 실행의 답 가운데 앞에서부터 다음 개수까지만 봅니다:",
    ),
    "measure": ("measure", "지표"),
    "mean": ("mean", "평균"),
    "interval": ("95 % interval", "95 % 구간"),
    "difference": ("difference", "차이"),
    "p_randomisation": ("p (randomisation)", "p (순열 검정)"),
    "p_bootstrap": ("p (bootstrap)", "p (부트스트랩)"),
    "wins": ("better", "나아짐"),
    "losses": ("worse", "나빠짐"),
    "ties": ("equal", "같음"),
    "p_note": (
        "Each p value is of one measure alone: with several measures looked at, one of them is below .05 by"
        " chance more often.",
        "p 값은 지표 하나에 대한 것입니다."
        " 여러 지표를 함께 보면 우연히 .05보다 작은 값이 나올 가능성이 커집니다.",
    ),
    "changes": ("Change per query", "질의별 변화"),
    "changes_note": (
        "Second run minus first, queries in order of their change.",
        "두 번째 실행에서 첫 번째를 뺀 값이며, 나빠진 질의부터 늘어놓았습니다.",
    ),
    "latency": ("Latency beside quality", "응답 시간과 품질"),
    "latency_note": (
        "Every finished run of the query set: the point is the median, the line reaches to the 95th"
        " percentile. Milliseconds of the search in the database; encoding the query comes on top.",
        "이 질의 집합의 모든 실행입니다. 점은 중앙값, 선의 끝은 95번째 백분위수입니다."
        " 데이터베이스 검색에 걸린 밀리초이며, 질의 인코딩 시간은 따로 더해집니다.",
    ),
    "search_ms": ("search, ms", "검색, ms"),
    "encode_ms": ("encoding, ms", "인코딩, ms"),
    "p50": ("median", "중앙값"),
    "p95": ("95th percentile", "95번째 백분위수"),
    "categories": ("By category", "분류별"),
    "category": ("category", "분류"),
    "blame": ("Who lost what", "무엇이 놓쳤나"),
    "blame_note": (
        "Every relevant item of every query, by how far it came. Found: among the first {k} of the answer.",
        "모든 질의의 모든 정답 항목이 어디까지 왔는지 보입니다. 찾음: 답의 처음 {k}개 안에 있음.",
    ),
    "verdict": ("verdict", "판정"),
    "pairs": ("relevant items", "정답 항목"),
    "share": ("share", "비율"),
    "found": ("found", "찾음"),
    "rerank_lost": ("lost by the reranker", "재순위가 놓침"),
    "embedding": ("has no vector, or an outdated one", "벡터가 없거나 낡음"),
    "filter": ("does not pass the filter of the run", "실행의 필터에 걸리지 않음"),
    "fusion_lost": ("lost by fusion: a leg had it", "융합이 놓침: 한 검색 방식은 찾았음"),
    "depth": ("found, but ranked too low", "찾았으나 순위가 낮음"),
    "legs_lost": ("found by no leg", "어떤 검색 방식도 찾지 못함"),
    "unread": ("its picture was not read yet", "그림을 아직 읽지 않음"),
    "ocr": ("OCR did not read it", "OCR이 읽지 못함"),
    "identifier": (
        "OCR read it, it was not taken for a number",
        "OCR은 읽었으나 식별자로 뽑지 못함",
    ),
    "caption": ("the caption does not say it", "캡션에 없음"),
    "absent": ("not in the collection", "컬렉션에 없음"),
    "unanswered": ("the query has no answer", "질의에 답이 없음"),
    "leg_table": ("What each leg has", "검색 방식마다 찾은 것"),
    "leg": ("leg", "검색 방식"),
    "first_k": ("among its first {k}", "처음 {k}개 안"),
    "deeper": ("deeper", "더 아래"),
    "lost": ("not at all", "없음"),
    "alone": ("it alone among its first {k}", "처음 {k}개 안에 혼자만"),
    "languages": ("Across languages", "언어를 넘는 검색"),
    "languages_note": (
        "Relevant items by the language of the query and of the item: the share among the first {k}.",
        "질의와 항목의 언어별로, 정답 항목 가운데 처음 {k}개 안에 온 비율입니다.",
    ),
    "language_ko": ("Korean", "한국어"),
    "language_en": ("English", "영어"),
    "language_other": ("other", "그 밖"),
    "groups": ("By sub-group", "하위 집단별"),
    "groups_note": (
        "Relevant items by {path}: the share among the first {k}. Frequent values have half of all items,"
        " rare ones the last fifth. Few relevant items make an uncertain share.",
        "{path}별로, 정답 항목 가운데 처음 {k}개 안에 온 비율입니다. 흔한 값은 전체 항목의 절반을,"
        " 드문 값은 마지막 5분의 1을 차지합니다. 정답 항목이 적으면 비율도 불확실합니다.",
    ),
    "value": ("value", "값"),
    "band": ("frequency", "빈도"),
    "all_values": ("all of these", "모두"),
    "frequent": ("frequent", "흔함"),
    "middle": ("middle", "중간"),
    "rare": ("rare", "드묾"),
    "worst": ("Worst queries", "가장 나쁜 질의"),
    "worst_note": (
        "For each relevant item: its rank in the answer, and the rank each leg gave it.",
        "정답 항목마다 답에서의 순위와 각 검색 방식이 준 순위입니다.",
    ),
    "relevant": ("relevant item", "정답 항목"),
    "grade": ("grade", "등급"),
    "rank": ("rank", "순위"),
    "refused": ("Queries without an answer", "답하지 못한 질의"),
    "query": ("query", "질의"),
    "reason": ("reason", "까닭"),
    "more_like": ("more like", "다음과 비슷한 항목:"),
    "picture": ("picture", "그림"),
}
# Verdicts of `eval.blame` whose text has another key.
VERDICTS = {"rerank": "rerank_lost", "fusion": "fusion_lost", "legs": "legs_lost"}
