"""The table of bench/peers.py in Korean and English, as Markdown, and its goals."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from systems.base import NOTHING, Note, Way, deep
from turns import Figures
from vectorset import TOP

GOAL_TEXTS = "drawn 200,000"
HEADS = {
    "en": "texts|system|search|p50 ms|p95 ms|right of 10|nDCG@10|ingest s|index MB",
    "ko": "글|시스템|검색|p50 ms|p95 ms|10개 중 정답|nDCG@10|적재 초|색인 MB",
}
WORDS, HYBRID = Note("words", "단어"), Note("hybrid", "하이브리드")
MEMORY, OWN = Note("in memory", "메모리"), Note("own tokens", "자체 토큰")
TEXTS = {"drawn": "생성문"}


class Row(NamedTuple):
    """A line of the table."""

    texts: str
    version: str
    way: Way
    figures: Figures


def markdown(rows: list[Row], language: Literal["en", "ko"]) -> str:
    """The table in one language; a way that was too slow to be asked everything says so."""
    most: dict[str, int] = {}
    for row in rows:
        most[row.texts] = max(most.get(row.texts, 0), row.figures.queries)

    def say(note: Note) -> str:
        return note.en if language == "en" else note.ko

    def line(row: Row) -> list[str]:
        way, at = row.way, row.figures
        kind = say(HYBRID if way.hybrid else WORDS)
        note = f", {say(way.note)}" if way.note != NOTHING else ""
        note += f", {say(first(at.queries))}" if at.queries < most[row.texts] else ""
        right = say(OWN) if at.right is None else f"{TOP * at.right:.2f}"
        ndcg = "" if at.ndcg is None else f"{at.ndcg:.4f}"
        size = say(MEMORY) if way.cost.size is None else megabytes(way.cost.size)
        texts = row.texts if language == "en" else row.texts.replace("drawn", TEXTS["drawn"])
        times = [f"{at.p50_ms:.1f}", f"{at.p95_ms:.1f}"]
        named = [texts, f"{way.system} {row.version}", kind + note]
        return [*named, *times, right, ndcg, f"{way.cost.seconds:.1f}", size]

    head = HEADS[language].split("|")
    ruler = ["---"] * 3 + ["---:"] * (len(head) - 3)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ruler, *map(line, rows)))


def first(queries: int) -> Note:
    return Note(f"first {queries} queries", f"앞 질의 {queries}개")


def megabytes(size: int) -> str:
    found = size / 1e6
    return f"{found:.1f}" if found < 10 else f"{found:.0f}"


def goals(rows: list[Row]) -> Iterator[tuple[str, float, bool]]:
    """Each goal that the rows can tell about, the figure, and whether it holds."""
    found = {(r.way.system, r.way.hybrid, r.way.note): r for r in rows}
    ours = found.get(("seogo", False, NOTHING))
    if ours is None:
        return
    at = ours.figures
    yield "words, p50, at most 5 ms", at.p50_ms, at.p50_ms <= 5
    yield "words, p95, at most 12 ms", at.p95_ms, at.p95_ms <= 12
    yield "right of 10: all", TOP * (at.right or 0), at.identical == at.queries
    size = (ours.way.cost.size or 0) / 1e6
    yield "index, at most 220 MB", size, size <= 220
    if (peer := found.get(("ts_rank_cd", False, NOTHING))) is not None:
        times = peer.figures.p50_ms / at.p50_ms
        yield "p50 of ts_rank_cd / ours, at least 25", times, times >= 25
    for note, peers_note, limit in ((deep(TOP), deep(TOP), 0.8), (deep(100), NOTHING, 1.0)):
        one, other = found.get(("seogo", True, note)), found.get(("lancedb", True, peers_note))
        if one is not None and other is not None:
            ratio = one.figures.p50_ms / other.figures.p50_ms
            yield f"hybrid, {note.en}, our p50 / LanceDB's, at most {limit}", ratio, ratio <= limit


def plain(rows: list[Row]) -> dict[str, Any]:
    """The figures as JSON knows them."""
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "rows": [
            {
                "texts": row.texts,
                "system": row.way.system,
                "version": row.version,
                "search": "hybrid" if row.way.hybrid else "words",
                "note": row.way.note.en,
                "seconds": row.way.cost.seconds,
                "bytes": row.way.cost.size,
                **row.figures._asdict(),
            }
            for row in rows
        ],
    }
