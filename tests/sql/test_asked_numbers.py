"""Numbers in long queries and in sentences: bounded work, and quantities are no part numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from db import migrate
from db.calls.query import fetch
from db.search import functions
from db.search.rows import Leg
from tests.sql.helpers import column, make_collection, put
from tests.sql.test_numbers import ask, first_of_hybrid, numbered

if TYPE_CHECKING:
    from tests.sql.helpers import Conn


def test_a_quantity_in_a_sentence_outranks_nothing(db: Conn) -> None:
    make_collection(db, identifier_fields=["no"], analyzer="korean")
    numbers = [
        "2024-A10",
        "1000-22",
        "1000",
        "2024",
        "220V-1",
        "1000MM",
        "1500-KG",
        "15001KG",
        "2024-1005",
    ]
    numbers += ["105KG", "1.05KG", "100200MM", "150000"]
    texts = {n: {"title": "spare"} for n in numbers} | {"pump": {"title": "건식 진공펌프"}}
    ids = put(db, texts, metadata={n: {"no": n} for n in numbers})
    weighed = [Leg(kind="lexical", weight=1), Leg(kind="identifier", weight=1)]
    for query in (
        "2024년 신제품 진공펌프",
        "2024 신제품 진공펌프",
        "1000시간 사용한 진공펌프",
        "1000 시간 사용한 진공펌프",
        "1000mm 배관이 있는 진공펌프",
        "배관 1000 mm 진공펌프",
        "진공펌프 1000",
        "220V 진공펌프",
        "1500kg 진공펌프",
        "진공펌프 2024-10-05 점검",
        "진공펌프 10.5kg",
        "진공펌프 100x200mm",
        "진공펌프 150000 원",
    ):
        assert fetch(db, functions.query_kind(query=query))[0].kind == "text", query
        assert first_of_hybrid(db, query) == ids["pump"], query
        assert first_of_hybrid(db, query, method="weighted") == ids["pump"], query
        found = fetch(db, functions.hybrid(collection="parts", query=query, legs=weighed))
        assert found[0].item_id == ids["pump"], query


def test_a_number_that_looks_like_a_year_is_found_alone(db: Conn) -> None:
    ids = numbered(db, ["2024-A10", "1000-22", "6204", "220V-1"])
    for query, number in [
        ("2024-A10", "2024-A10"),
        ("2024", "2024-A10"),
        ("1000", "1000-22"),
        ("220V", "220V-1"),
        ("6204 베어링", "6204"),
        ("6204", "6204"),
    ]:
        assert first_of_hybrid(db, query) == ids[number], query


@pytest.mark.parametrize(
    ("word", "behind", "is_a"),
    [
        ("HD1800-S7", "", "number"),
        ("0190-26769", "", "number"),
        ("12가3456", "", "number"),
        ("서울12가3456", "", "number"),
        ("M8x20", "", "number"),
        ("1000", "", "digits"),
        ("1000", " mm", "quantity"),
        ("1000", " mmx", "digits"),
        ("1000", " 시간", "quantity"),
        ("1000시간", "", "quantity"),
        ("340조의4", "", "quantity"),
        ("2024년10월", "", "quantity"),
        ("220V", "", "quantity"),
        ("50", "°C", "quantity"),
        ("2024", "", "quantity"),
        ("2024-10-05", "", "quantity"),
        ("100x200", "", "quantity"),
        ("pump", "", None),
    ],
)
def test_classes_of_words(plain: Conn, word: str, behind: str, is_a: str | None) -> None:
    assert column(plain, "SELECT impl.number_class(%s, %s)", (word, behind)) == [is_a]


def test_the_longest_query_finds_every_code_by_bounded_work(db: Conn) -> None:
    numbers = [f"SN{n:06d}" for n in range(900)]
    ids = numbered(db, numbers)
    asked = [*numbers[::-1], *(f"QX{n:06d}" for n in range(50))]
    legs = (Leg(kind="identifier"),)
    for between in (" ", ", ", "\n", ";", "\t", " 및 "):
        query = between.join(asked)[:10_000]
        whole = [number for number in asked if number in query]
        exact = {hit.item_id for hit in ask(db, query, 2000) if hit.score == 1}
        assert exact >= {ids[n] for n in whole if n in ids}, between
        told = fetch(db, functions.explain_hybrid(collection="parts", query=query, legs=legs))
        assert told[0].detail["compared"] == 20, between
        assert told[0].detail["numbers"] >= len(whole), between


def test_what_nobody_has_is_compared_first(db: Conn) -> None:
    """Twenty numbers are compared letter by letter: those that no known number explains."""
    numbered(db, [f"SN{n:06d}" for n in range(300)] + ["QXAC7777"])
    query = " ".join(f"SN{n:06d}" for n in range(300)) + " QXCA7777"
    assert "QXAC7777" in {hit.matched for hit in ask(db, query, 1000)}


def test_any_text_of_ten_thousand_characters_is_taken(db: Conn) -> None:
    numbered(db, ["AB-1234"])
    for part in ("A1", "1 ", "가1나A23", "-1", "A1\u0301", "1.05 "):
        query = part * 5000
        assert ask(db, query[:10_000]) == [], part
        assert ask(db, query[:9_990] + " AB-1234")[0].score == 1, part


def test_ranges_of_a_text_count_two_thousand_articles(db: Conn) -> None:
    numbers = column(
        db, "SELECT count(*) FROM impl.citations_in(%s)", ("민법 " + "1조~999조," * 1000,)
    )
    assert numbers == [2000 + 2 * 1000]


def test_an_upgrade_folds_the_numbers_that_are_there_anew(empty_db_url: str) -> None:
    """Letters of other scripts, which the older fold dropped, tell numbers apart."""
    migrate.upgrade(empty_db_url, "0014")
    with psycopg.connect(empty_db_url, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO core.collection (name, analyzer, identifier_fields)"
            " VALUES ('parts', 'simple', '{no}')"
        )
        numbers = ["12가3456", "12나3456", "HD1800-S7", *(f"SN{n:05d}" for n in range(1500))]
        insert = """
            WITH made AS (INSERT INTO core.item (collection_id, external_id, metadata)
                SELECT 1, n, jsonb_build_object('no', n) FROM unnest(%s::text[]) AS n
                RETURNING id, external_id)
            INSERT INTO core.identifier (item_id, collection_id, source, raw, normalized, grams)
            SELECT id, 1, 'no', external_id, 'older', '{old}' FROM made"""
        conn.execute(insert, (numbers,))
    migrate.upgrade(empty_db_url)
    with psycopg.connect(empty_db_url, autocommit=True) as conn:
        assert column(conn, "SELECT count(DISTINCT normalized) FROM core.identifier") == [1503]
        for number in numbers[::100]:
            assert ask(conn, number)[0].matched == number
