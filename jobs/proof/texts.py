"""Texts of the gate's report, in English and Korean."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Gate", "합격 판정"),
    "passed": ("passed", "합격"),
    "failed": ("failed", "불합격"),
    "target": ("target", "목표"),
    "wanted": ("wanted", "기준"),
    "found": ("measured", "측정"),
    "outcome": ("outcome", "결과"),
    "at least": ("at least", "이상"),
    "at most": ("at most", "이하"),
    "unmeasured": ("not measured", "측정하지 못함"),
    "collection": ("collection", "컬렉션"),
    "set": ("query set", "질의 집합"),
    "truth": ("judgments", "정답"),
    "queries": ("queries", "질의 수"),
    "run": ("run", "실행"),
    "requests": ("requests answered", "응답한 요청"),
    "times": ("ms per request: median, 95 %, 99 %", "요청당 ms: 중앙값, 95 %, 99 %"),
    "memory": ("memory, MB", "메모리, MB"),
    "where": ("answered by", "응답한 프로그램"),
    "program": ("program", "프로그램"),
    "measured": ("measured", "측정한 때"),
    "notes": ("notes", "알림"),
    "here": ("this program", "이 프로그램"),
    "request_note": (
        "A request is a whole search: encoding, all legs, fusion, the reranker in use. Failed ones count in"
        " the times. Memory is the most that the program with its models took; PostgreSQL's is not in it.",
        "요청 하나는 인코딩, 모든 검색 방식, 융합, 사용 중인 재순위까지 포함한 검색 전체입니다."
        " 실패한 요청의 시간도 셉니다. 메모리는 모델을 포함한 프로그램의 최댓값이며,"
        " PostgreSQL의 메모리는 들어 있지 않습니다.",
    ),
}
