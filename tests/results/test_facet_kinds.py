"""Ranges, histograms, statistics and totals against plain Python, on random metadata."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.results import oracle

if TYPE_CHECKING:
    from tests.lexical.support import Conn

FIELDS = ("n", "day", "tags", "specs.v", "specs", "nothing")
QUERIES = (None, "pump", "valve seal", "nothing")
EPOCH = date(1970, 1, 1)


def on_scale(kind: str, text: str | None) -> Decimal | None:
    if text is None:
        return None
    return Decimal(text) if kind == "number" else Decimal((date.fromisoformat(text) - EPOCH).days)


def items_between(
    placed: dict[int, set[Decimal]], low: Decimal | None, high: Decimal | None
) -> set[int]:
    return {
        item
        for item, vals in placed.items()
        if any((low is None or v >= low) and (high is None or v < high) for v in vals)
    }


def passing(db: Conn, filter: str, query: str | None) -> set[int]:
    row = db.execute("SELECT ids FROM impl.matching('c', %s, %s, NULL)", (query, filter)).fetchone()
    assert row is not None
    return set(row[0])


@pytest.mark.parametrize("seed", range(2))
def test_buckets_hold_the_items_that_their_filters_find(db: Conn, seed: int) -> None:
    rng = random.Random(seed)
    items = oracle.fill(db, rng, 40)
    for field in FIELDS:
        for query in QUERIES:
            kind, placed = oracle.scale(oracle.matching(items, query), field)
            bounds = [["1", "2.5", "100"], ["2024", "2024-02"]][kind == "date"]
            for call, more in (
                ("facet_ranges('c', %s, %s)", ()),
                ("facet_ranges('c', %s, %s, %s)", (bounds,)),
                ("facet_ranges('c', %s, %s, NULL, 3)", ()),
                ("facet_histogram('c', %s, %s)", ()),
            ):
                rows = db.execute(
                    f"SELECT * FROM search.{call}".encode(), (query, field, *more)
                ).fetchall()
                assert bool(rows) == (kind is not None)
                covered = set()
                for low, high, n, filter in rows:
                    here = items_between(
                        placed, on_scale(str(kind), low), on_scale(str(kind), high)
                    )
                    assert n == len(here), (field, query, call, low, high)
                    covered |= here
                    if filter is not None and query in (None, "pump"):
                        assert passing(db, filter, query) == here, filter
                assert covered == set(placed)


@pytest.mark.parametrize("seed", range(2))
def test_statistics_are_those_of_python(db: Conn, seed: int) -> None:
    items = oracle.fill(db, random.Random(seed), 50)
    for field in FIELDS:
        for query in QUERIES:
            here = oracle.matching(items, query)
            kind, placed = oracle.scale(here, field)
            valued = sum(any(v is not None for v in oracle.values(i.metadata, field)) for i in here)
            vals = [v for one in placed.values() for v in one]
            row = db.execute(
                "SELECT * FROM search.facet_statistics('c', %s, %s)", (query, field)
            ).fetchone()
            assert row is not None
            assert row[:5] == (
                kind,
                len(placed),
                len(vals),
                len(here) - valued,
                valued - len(placed),
            )
            if kind is None:
                assert row[5:] == (None, None, None)
                continue
            assert on_scale(kind, row[5]) == min(vals)
            assert on_scale(kind, row[6]) == max(vals)
            mean = sum(vals) / len(vals)
            if kind == "number":
                assert float(row[7]) == pytest.approx(float(mean))
            else:
                assert date.fromisoformat(row[7]) == EPOCH + timedelta(days=int(mean // 1))


@pytest.mark.parametrize("step", ["year", "month", "day"])
def test_days_are_counted_by_calendar(db: Conn, step: str) -> None:
    length = {"year": 4, "month": 7, "day": 10}[step]
    oracle.support.make_collection(db, "c")
    days = ["2023-12-31", "2024-02-29", "2024-02-01T10:00:00+09:00", "2024-01-01", "2024-02-29"]
    cid = oracle.support.one(db, "SELECT id FROM core.collection")
    rows: list[Any] = [(str(at), {"t": "a"}, {"d": text}) for at, text in enumerate(days)]
    oracle.support.copy_items(db, cid, rows)
    counted = db.execute(
        "SELECT low, items FROM search.facet_histogram('c', NULL, 'd', %s)", (step,)
    ).fetchall()
    want = Counter(text[:length] for text in days)
    assert {low[:length]: n for low, n in counted if n} == want
    lows = [low for low, _ in counted]
    assert lows == sorted(set(lows))
    assert len(lows) == {"year": 2, "month": 3, "day": 61}[step]


@pytest.mark.parametrize("seed", range(2))
def test_totals_are_exact_up_to_the_bound(db: Conn, seed: int) -> None:
    items = oracle.fill(db, random.Random(seed), 40)
    for query in QUERIES:
        for filter in (None, "n:1..", '{"n": 1}', '["n:1..", "tags:..5"]'):
            n = len(passing(db, filter or "", query))
            if filter is None:
                assert n == len(oracle.matching(items, query))
            for bound in (1, max(n - 1, 1), max(n, 1), n + 1):
                row = db.execute(
                    "SELECT * FROM search.total('c', %s, %s, %s)", (query, filter, bound)
                ).fetchone()
                whole = query is None and filter is None
                assert row == ((n, True) if whole else (min(n, bound), n <= bound))


def test_a_number_in_the_query_is_matched_as_one(db: Conn) -> None:
    db.execute("SELECT ops.create_collection('p', 'korean', '{}', '{no}')")
    rows = [{"external_id": "1", "fields": {"no": "AB-1234"}, "metadata": {"m": "x"}}]
    db.execute("SELECT * FROM ops.upsert_items('p', %s)", (json.dumps(rows),))
    assert db.execute("SELECT * FROM search.total('p', 'ab1234')").fetchone() == (1, True)
    assert db.execute("SELECT * FROM search.facets('p', 'ab1234', 'm')").fetchall() == [("x", 1)]


def test_the_set_says_what_it_read(db: Conn) -> None:
    oracle.fill(db, random.Random(1), 30)
    specs = [
        {"field": "n", "kind": kind} for kind in ("terms", "ranges", "histogram", "statistics")
    ]
    for most_n, complete in ((30, True), (29, False)):
        rows = db.execute(
            "SELECT field, kind, counts, items, complete FROM search.facet_set('c', NULL, %s, NULL, %s)",
            (json.dumps(specs), most_n),
        ).fetchall()
        assert [row[1] for row in rows] == [spec["kind"] for spec in specs]
        assert {row[3:] for row in rows} == {(most_n, complete)}
        if complete:
            names = ("facets", "facet_ranges", "facet_histogram", "facet_statistics")
            for row, name in zip(rows, names, strict=True):
                alone = db.execute(f"SELECT to_jsonb(f) FROM search.{name}('c', NULL, 'n') AS f")  # type: ignore[arg-type]
                assert row[2] == [one[0] for one in alone][: len(row[2])]


def test_what_cannot_be_counted_is_refused(db: Conn) -> None:
    oracle.fill(db, random.Random(1), 30)
    for call, message in (
        ("facet_ranges('c', NULL, 'n', '{x}')", "x is no bound"),
        ("facet_ranges('c', NULL, 'n', '{2024-01-01}')", "no bound of values that are numbers"),
        ("facet_ranges('c', NULL, 'day', '{2024-13}')", "no bound of values that are days"),
        ("facet_ranges('c', NULL, 'n', '{}')", "there are 0 bounds"),
        ("facet_ranges('c', NULL, 'n', NULL, 0)", "ranges_n is 0"),
        ("facet_histogram('c', NULL, 'n', 'month')", "has no step month"),
        ("facet_histogram('c', NULL, 'n', '0')", "has no step 0"),
        ("facet_histogram('c', NULL, 'n', '0.001')", "has no step 0.001"),
        ("facet_histogram('c', NULL, 'day', '5')", "has no step 5"),
        ('facet_set(\'c\', NULL, \'[{"field": "n", "kind": "x"}]\')', "of the kind x"),
        ("total('c', 'pump', NULL, 0)", "bound is 0"),
    ):
        with pytest.raises(psycopg.Error, match=message) as caught:
            db.execute(f"SELECT * FROM search.{call}".encode())
        assert caught.value.sqlstate == "SG004", call
        assert caught.value.diag.message_hint, call


def test_ranges_and_lists_as_filters(db: Conn) -> None:
    cid = oracle.support.make_collection(db, "c")
    metadata: list[dict[str, Any]] = [
        {"n": 1, "day": "2024-01-05", "m": "x", "t": ["a", "b"], "s": [{"v": 9}, {"v": 5}]},
        {"n": 2, "day": "2024-02-01T01:00:00Z", "t": ["a"], "s.v": 6, "s": {"v": 1}},
        {"n": [7, 2], "day": "2024-02-29", "s": [{"v": 4}, {"v": 7}]},
        {"n": 10, "day": "20240105"},
        {"n": 0, "day": 2},
    ]
    rows = [(str(at), {"t": "a"}, one) for at, one in enumerate(metadata, 1)]
    oracle.support.copy_items(db, cid, rows)
    for filter, want in (
        ("n:1..2", {1, 2, 3}),
        ("n:1..<2", {1}),
        ("n:2..", {2, 3, 4}),
        ("n:..1", {1, 5}),
        (" n : -5 .. 0.5 ", {5}),
        ("n:1e1..2e1", {4}),
        ("day:2024..2024", {1, 2, 3}),
        ("day:2024-02..2024-02", {2, 3}),
        ("day:2024-02-29..", {3}),
        ("day:..<2024-02-29", {1, 2}),
        ("s.v:5..6", {1, 2}),
        ('"s.v":5..6', {2}),
        ('["n:1..2", {"m": "x"}]', {1}),
        ('[{"m": "x"}, {"t": ["a"]}, {"t": ["b"]}]', {1}),
        ('["$.m == \\"x\\"", "n:..1", "$.n >= 1"]', {1}),
        ("[]", {1, 2, 3, 4, 5}),
    ):
        names = oracle.support.column(
            db,
            "SELECT external_id::int FROM search.items WHERE item_id ="
            " ANY ((SELECT ids FROM impl.matching('c', NULL, %s, NULL))::bigint[])",
            (filter,),
        )
        assert set(names) == want, filter


@pytest.mark.parametrize(
    "filter",
    [
        "n:20..10",
        "n:..",
        "n:1..<",
        "n:1..2024-01-01",
        "n:a..b",
        '[{"a": 1}, {"a": 2}]',
        '["strict $.a == 1", "n:1..2"]',
        '[["n:1..2"]]',
    ],
)
def test_what_is_no_range_is_refused(plain: Conn, filter: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        plain.execute("SELECT impl.parse_filter(%s)", (filter,))
    assert caught.value.sqlstate == "SG002"
    assert caught.value.diag.message_hint
