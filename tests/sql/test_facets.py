"""search.facets: through arrays and objects, keys with dots, an item once per value."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.lexical import support

METADATA: list[dict[str, Any]] = [
    {"tags": [{"name": "빨강", "kinds": ["a", "b"]}, {"name": "빨강"}], "maker": {"country": "KR"}},
    {"tags": [{"name": "파랑", "kinds": "a"}], "maker": [{"country": "KR"}, {"country": "JP"}]},
    {"tags": {"name": "빨강"}, "maker": {"country": ["JP", "JP"]}, "size.mm": 3, "size": {"mm": 9}},
    {"tags": [[{"name": "노랑"}]], "size": {"mm": 4}, "No.": "x", "a": {"b.c": ["u", 1, True]}},
    {"tags": ["plain"], "deep": [{"x": [{"y": [{"z": 1}, {"z": 2}]}]}], 'q"': None, "size.mm": 3},
]


@pytest.fixture
def filled(db: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    cid = support.make_collection(db, "c")
    rows = [(str(at), {"t": "pump"}, metadata) for at, metadata in enumerate(METADATA)]
    support.copy_items(db, cid, rows)
    return db


@pytest.mark.parametrize(
    ("field", "want"),
    [
        ("tags.name", {"빨강": 2, "노랑": 1, "파랑": 1}),
        ("tags.kinds", {"a": 2, "b": 1}),
        ("maker.country", {"JP": 2, "KR": 2}),
        ("deep.x.y.z", {"1": 1, "2": 1}),
        ("size.mm", {"3": 2, "4": 1}),
        ('"size.mm"', {"3": 2}),
        ('"size"."mm"', {"4": 1, "9": 1}),
        ("No.", {"x": 1}),
        ('a."b.c"', {"u": 1, "1": 1, "true": 1}),
        ('"a"."b.c"', {"u": 1, "1": 1, "true": 1}),
        ('q"', {}),
        ("tags.nothing", {}),
        ("nothing", {}),
        ("$", {}),
        ("x'); DROP TABLE core.item; --", {}),
    ],
)
def test_values_and_counts(
    filled: psycopg.Connection[Any], field: str, want: dict[str, int]
) -> None:
    for query in (None, "", "pump"):
        rows = filled.execute(
            "SELECT value, items FROM search.facets('c', %s, %s)", (query, field)
        ).fetchall()
        assert dict(rows) == want
        assert rows == sorted(rows, key=lambda row: (-row[1], row[0]))


def test_no_item_without_the_words_of_the_query(filled: psycopg.Connection[Any]) -> None:
    assert support.column(filled, "SELECT value FROM search.facets('c', 'seal', 'tags.name')") == []


@pytest.mark.parametrize("field", [None, "", '"size', '"a\\x"', '"a"b'])
def test_what_is_no_key_is_refused(filled: psycopg.Connection[Any], field: str | None) -> None:
    with pytest.raises(psycopg.Error, match="no key") as caught:
        filled.execute("SELECT * FROM search.facets('c', NULL, %s)", (field,))
    assert caught.value.sqlstate == "SG004"
