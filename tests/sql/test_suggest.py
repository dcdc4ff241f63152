"""Completions while typing: what is found, how it is counted, and that nothing stays of what is gone."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from jobs import maintain
from tests.sql.helpers import column, make_collection, put

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


def test_what_is_typed_is_completed(db: Conn, parts: dict[str, int]) -> None:
    for prefix, expected in (
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
    ):
        assert expected in suggest(db, prefix), prefix


def test_nothing_stays_of_what_is_gone(db: Conn, parts: dict[str, int]) -> None:
    put(db, {"P1": {"title": "터보 펌프", "part_number": "TMP-1"}})
    assert ("진공", "word", 2) in suggest(db, "진공")
    assert ("터보 펌프", "title", 1) in suggest(db, "터보 펌")
    db.execute("DELETE FROM core.item WHERE external_id <> 'P6'")
    for prefix in ("진공", "ㅈㄱ", "터", "vac", "nry", "tmp"):
        assert suggest(db, prefix) == []
    assert texts(db, "과일") == ["과일", "과일 값 비교"]
    db.execute("TRUNCATE core.item CASCADE")
    assert suggest(db, "과일") == []


def test_counts_equal_the_titles_after_any_writes(db: Conn, parts: dict[str, int]) -> None:
    rng = random.Random(5)
    words = ["진공", "진주", "펌프", "펌웨어", "pump", "pumice", "씰"]
    expected: dict[str, str] = {key: fields["title"] for key, fields in PARTS.items()}
    for _ in range(25):
        key = f"R{rng.randrange(12)}"
        if key in expected and rng.random() < 0.4:
            db.execute("DELETE FROM core.item WHERE external_id = %s", (key,))
            del expected[key]
        else:
            expected[key] = " ".join(rng.choices(words, k=rng.randrange(1, 4)))
            put(db, {key: {"title": expected[key]}})
        if rng.random() < 0.2:
            db.execute("SELECT impl.fold_completions(id) FROM core.collection")
    for word in words:
        n = sum(word in title.lower().split() for title in expected.values())
        counted = {text: n for text, source, n in suggest(db, word, k=50) if source == "word"}
        assert counted.get(word, 0) == n


def test_writers_who_meet_do_not_wait_and_both_count(db: Conn, db_url: str) -> None:
    make_collection(db)
    with psycopg.connect(db_url) as one, psycopg.connect(db_url) as two:
        for conn, key in ((one, "A"), (two, "B")):
            conn.execute("SET statement_timeout = '10s'")
            put(conn, {key: {"title": "진공 펌프"}})
        two.commit()
        assert ("진공", "word", 1) in suggest(db, "진공")
        one.commit()
    assert ("진공", "word", 2) in suggest(db, "진공")
    assert column(db, "SELECT count(*) FROM core.completion WHERE batch > 0") == [4]
    db.execute("SELECT impl.fold_completions(id) FROM core.collection")
    assert column(db, "SELECT count(*) FROM core.completion WHERE batch > 0") == [0]
    assert ("진공", "word", 2) in suggest(db, "진공")


@pytest.mark.parametrize(
    ("prefix", "present", "absent"),
    [
        ("진공", ("진공", "word", 1), "진공 챔버"),
        ("ㅈㄱ", ("진공", "word", 1), "진공 챔버"),
        ("진공 펌프", ("진공 펌프 씰 키트", "title", 1), "진공 펌프 for"),
        ("nry", ("NRY-1KH001", "identifier", 1), "NRY-1KH000"),
        ("오일 펌", ("오일 펌프", "word", 1), "진공"),
    ],
)
def test_a_filter_leaves_what_a_passing_item_has(
    db: Conn, parts: dict[str, int], prefix: str, present: tuple[str, str, int], absent: str
) -> None:
    rows = suggest(db, prefix, filter='{"in_stock": true}')
    assert present in rows
    assert absent not in [row[0] for row in rows]
    assert suggest(db, prefix, filter='{"in_stock": "nobody"}') == []


def test_a_wide_filter_is_exact_where_nothing_else_is_found(db: Conn) -> None:
    make_collection(db)
    many = {f"A{n}": {"title": "aaa"} for n in range(350)}
    put(db, many, metadata={key: {"x": 1} for key in many})
    put(db, {"B": {"title": "rare"}, "C": {"title": "rarer"}}, metadata={"B": {"x": 1}})
    assert texts(db, "rar", filter='{"x": 1}') == ["rare"]
    (bound,) = column(db, "SELECT lower_bound FROM search.suggest('parts', 'aa', 1, '{\"x\": 1}')")
    assert bound


def test_words_that_no_title_has_are_named(db: Conn, parts: dict[str, int]) -> None:
    rows = db.execute(
        "SELECT text, ignored FROM search.suggest('parts', '좋은 진공 펌ㅍ')"
    ).fetchall()
    assert ("좋은 진공 펌프", ["좋은"]) in rows
    rows = db.execute("SELECT text, ignored FROM search.suggest('parts', '좋은 펌ㅍ')").fetchall()
    assert ("좋은 펌프", ["좋은"]) in rows


def test_switched_off_and_other_fields(db: Conn, parts: dict[str, int]) -> None:
    db.execute("SELECT ops.set_suggestions('parts', title_fields => '{}')")
    assert suggest(db, "진공") == []
    maintain.run(db)
    assert column(db, "SELECT count(*) FROM core.completion") == [0]
    db.execute("SELECT ops.set_suggestions('parts', title_fields => '{part_number}')")
    assert column(db, "SELECT titles_stale FROM search.collections") == [True]
    maintain.run(db)
    assert column(db, "SELECT titles_stale FROM search.collections") == [False]
    assert ("NRY-1KH000", "title") in [row[:2] for row in suggest(db, "nry-1kh000")] or (
        "NRY-1KH000",
        "identifier",
    ) in [row[:2] for row in suggest(db, "nry-1kh000")]
    assert suggest(db, "진공") == []
    with pytest.raises(psycopg.Error, match="titles cannot be read"):
        db.execute("SELECT ops.set_suggestions('parts', title_fields => '{NULL}')")


def test_what_is_older_is_read_by_maintenance(db: Conn, parts: dict[str, int]) -> None:
    db.execute("DELETE FROM core.title")
    db.execute("DELETE FROM core.completion")
    db.execute("UPDATE core.collection SET titles_stale = true")
    put(db, {"P1": {"title": "진공 밸브"}})
    assert ("진공", "word", 1) in suggest(db, "진공")
    assert maintain.run(db).titled == 1
    assert ("진공", "word", 3) in suggest(db, "진공")
    assert maintain.run(db).titled == 0


def test_queries_of_several_askers_are_suggested(db: Conn, parts: dict[str, int]) -> None:
    def log(query: str, day: int) -> None:
        db.execute(
            "INSERT INTO ops.query_log (asked_at, expires_at, collection_id, query, picture, liked, unliked,"
            " k, skip, legs, encode_ms, sql_ms, rerank_ms, total_ms, degraded, hits)"
            " SELECT now() - %s * interval '1 day', now() + interval '1 day', id, %s, false, '{}', '{}',"
            " 10, 0,"
            " '[{\"kind\": \"lexical\"}]', 0, 0, 0, 0, '{}',"
            ' \'[{"external_id": "P1", "rank": 1, "legs": {"lexical": 1}}]\' FROM core.collection',
            (day, query),
        )

    for day in (1, 1, 2):
        log("진공 펌프 수리", day)
    for _ in range(5):
        log("진공 비밀", 1)
    maintain.run(db)
    assert ("진공 펌프 수리", "query", 3) in suggest(db, "진공 펌프 수")
    assert "진공 비밀" not in texts(db, "진공 ㅂ")
    db.execute("DELETE FROM core.item WHERE external_id = 'P1'")
    assert "진공 펌프 수리" not in texts(db, "진공 펌프 수")


def test_a_deleted_collection_leaves_nothing(db: Conn, parts: dict[str, int]) -> None:
    db.execute("SELECT ops.delete_collection('parts')")
    assert column(db, "SELECT count(*) FROM core.completion") == [0]
    assert column(db, "SELECT count(*) FROM core.title") == [0]


def test_the_index_gives_the_most_frequent_first(db: Conn) -> None:
    """The scan of each class is an index scan that stops, however many begin alike."""
    make_collection(db)
    put(db, {f"A{n}": {"title": f"pump{n:04d}x"} for n in range(3000)})
    db.execute("ANALYZE core.completion")
    plan = "\n".join(
        column(
            db,
            "EXPLAIN SELECT DISTINCT ON (c.key) c.key, c.text FROM core.completion AS c"
            " WHERE c.collection_id = 1 AND c.source = 'w' AND c.class = 1::smallint"
            " AND c.key >= 'pump' AND c.key < 'pumq' ORDER BY c.key LIMIT 10",
        )
    )
    assert "completion_key_idx" in plan
    assert "Sort" not in plan


def test_nothing_typed_gives_nothing(db: Conn, parts: dict[str, int]) -> None:
    for prefix in ("", "  ", "...", "\u200b"):
        assert suggest(db, prefix) == [], prefix


def test_errors(db: Conn, parts: dict[str, int]) -> None:
    for call, code in (
        ("search.suggest('nowhere', 'a')", "SG001"),
        ("search.suggest('parts', 'a', 10, '{')", "SG002"),
        ("search.suggest('parts', repeat('a', 201))", "SG004"),
        ("search.suggest('parts', 'a', -1)", "SG004"),
    ):
        with pytest.raises(psycopg.Error) as raised:
            db.execute(f"SELECT * FROM {call}")
        assert raised.value.sqlstate == code
