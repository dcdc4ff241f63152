"""Completions while typing: what is found, how it is counted, and that nothing stays of what is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.helpers import make_collection, put

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

PARTS = {
    "P1": {"title": "진공 펌프", "part_number": "NRY-1KH000"},
    "P2": {"title": "진공 펌프 씰 키트", "part_number": "NRY-1KH001"},
    "P3": {"title": "진공 챔버", "part_number": "HD1800-S7"},
    "P4": {"title": "오일 실링 유압 펌프", "part_number": "A533-46-945"},
    "P5": {"title": "Vacuum pump for coating", "part_number": "6ES7 214-1AG40"},
    "P6": {"title": "과일 값 비교", "part_number": "X-1"},
}


@pytest.fixture
def parts(db: Conn) -> dict[str, int]:
    """Make a collection of six parts, every second one in stock."""
    make_collection(db, analyzer="korean", identifier_fields=["part_number"])
    stock = {key: {"in_stock": key in {"P2", "P4", "P6"}} for key in PARTS}
    return put(db, PARTS, metadata=stock)


def suggest(db: Conn, prefix: str, k: int = 10, filter: str | None = None) -> list[tuple[Any, ...]]:
    """Text, source and count of each completion."""
    rows = db.execute(
        "SELECT text, source, n FROM search.suggest('parts', %s, %s, %s)", (prefix, k, filter)
    )
    return rows.fetchall()


def texts(db: Conn, prefix: str, **more: Any) -> list[str]:
    return [row[0] for row in suggest(db, prefix, **more)]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("진고", ("진공", "word", 3)),
        ("진", ("진공", "word", 3)),
        ("ㅈ", ("진공", "word", 3)),
        ("펌ㅍ", ("펌프", "word", 3)),
        ("진공 펌ㅍ", ("진공 펌프", "phrase", 2)),
        ("진공펌", ("진공 펌프", "phrase", 2)),
        ("진공 펌프 씨", ("진공 펌프 씰", "word", 1)),
        ("진공 펌프 씰 키ㅌ", ("진공 펌프 씰 키트", "title", 1)),
        ("ㅈㄱㅍㅍ", ("진공 펌프", "phrase", 2)),
        ("ㅈㄱ ㅍㅍ", ("진공 펌프", "phrase", 2)),
        ("진공 ㅍㅍ", ("진공 펌프", "word", 2)),
        ("오일 펌ㅍ", ("오일 펌프", "word", 1)),
        ("wlsrhd", ("진공", "word", 3)),
        ("wlsr", ("진공", "word", 3)),
        ("wrvv", ("진공 펌프", "phrase", 2)),
        ("ㅔㅕㅡㅔ", ("pump", "word", 1)),
        ("진공 vjavm", ("진공 펌프", "phrase", 2)),
        ("PUM", ("pump", "word", 1)),
        ("vac", ("vacuum", "word", 1)),
        ("nry1", ("NRY-1KH000", "identifier", 1)),
        ("nry-1kh001", ("NRY-1KH001", "identifier", 1)),
        ("6es7214", ("6ES7 214-1AG40", "identifier", 1)),
        ("진공 nry1", ("진공 NRY-1KH000", "identifier", 1)),
        ("과", ("과일", "word", 1)),
        ("갑", ("값", "word", 1)),
        ("값 ㅂ", ("값 비교", "word", 1)),
    ],
)
def test_what_is_typed_is_completed(
    db: Conn, parts: dict[str, int], prefix: str, expected: tuple[str, str, int]
) -> None:
    assert expected in suggest(db, prefix)
