"""Sorted lists against plain Python, read page by page under random writes; and their plans."""

from __future__ import annotations

import functools
import json
import random
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.results import oracle

if TYPE_CHECKING:
    from tests.lexical.support import Conn

SORTS = (["n"], ["-n"], ["day", "-n"], ["-specs.v", "tags"], ["nothing"], ["tags", "n", "-day"])


def rank_of(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return (3, value)
    return (2, value) if isinstance(value, int | float) else (1, value)


def sort_values(item: oracle.Item, sort: list[str]) -> list[tuple[int, Any] | None]:
    found: list[tuple[int, Any] | None] = []
    for key in sort:
        scalars = [
            rank_of(v)
            for v in oracle.values(item.metadata, key.removeprefix("-"))
            if isinstance(v, str | int | float)
        ]
        best = max if key.startswith("-") else min
        found.append(best(scalars) if scalars else None)
    return found


def in_order(items: list[oracle.Item], sort: list[str]) -> list[int]:
    def compare(a: oracle.Item, b: oracle.Item) -> int:
        for key, x, y in zip(sort, sort_values(a, sort), sort_values(b, sort), strict=True):
            if x == y:
                continue
            if x is None or y is None:
                return 1 if x is None else -1
            return (1 if x > y else -1) * (-1 if key.startswith("-") else 1)
        return a.item_id - b.item_id

    return [item.item_id for item in sorted(items, key=functools.cmp_to_key(compare))]


def page(db: Conn, sort: list[str], query: str | None, k: int, after: str | None) -> list[Any]:
    return db.execute(
        "SELECT item_id, rank, keys::text FROM search.sort_items('c', %s, %s, k => %s, after => %s)",
        (sort, query, k, after),
    ).fetchall()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("indexed", [False, True])
def test_the_order_is_that_of_python(db: Conn, seed: int, indexed: bool) -> None:
    items = oracle.fill(db, random.Random(seed), 50)
    for sort in SORTS:
        if indexed:
            db.execute("SELECT ops.add_sort_key('c', %s)", (sort[0],))
        for query in (None, "pump", "valve seal"):
            want = in_order(oracle.matching(items, query), sort)
            rows = page(db, sort, query, 1000, None)
            assert [row[0] for row in rows] == want, (sort, query)
            assert [row[1] for row in rows] == list(range(1, len(rows) + 1))
            skipped = db.execute(
                "SELECT item_id FROM search.sort_items('c', %s, %s, k => 7, skip => 5)",
                (sort, query),
            ).fetchall()
            assert [row[0] for row in skipped] == want[5:12]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("indexed", [False, True])
def test_pages_lose_and_double_nothing_under_writes(db: Conn, seed: int, indexed: bool) -> None:
    rng = random.Random(seed)
    before = {item.item_id for item in oracle.fill(db, rng, 40)}
    for sort in SORTS[seed::2]:
        if indexed:
            db.execute("SELECT ops.add_sort_key('c', %s)", (sort[0],))
        before = {item.item_id for item in oracle.stored(db)}
        touched: set[int] = set()
        seen: list[int] = []
        after = None
        while rows := page(db, sort, None, 5, after):
            seen += [row[0] for row in rows]
            after = f'{{"keys": {rows[-1][2]}, "item_id": {rows[-1][0]}}}'
            if len(rows) < 5:  # the end: what is written later would be a list of its own
                break
            touched |= write(db, rng)
            if len(rows) < 5:
                break  # the end; what is written behind it would be read for ever
        left = {item.item_id for item in oracle.stored(db)}
        assert len(seen) == len(set(seen)) or touched & set(seen)
        still = [one for one in seen if one not in touched]
        assert len(still) == len(set(still))
        assert (before & left) - touched <= set(seen)


def write(db: Conn, rng: random.Random) -> set[int]:
    """Insert, change and delete an item; the ids of those that were there."""
    ids = [item.item_id for item in oracle.stored(db)]
    changed, gone = rng.sample(ids, 2)
    db.execute(
        "UPDATE core.item SET metadata = %s WHERE id = %s",
        (json.dumps(oracle.document(rng)), changed),
    )
    db.execute("DELETE FROM core.item WHERE id = %s", (gone,))
    cid = oracle.support.one(db, "SELECT id FROM core.collection")
    name = f"new-{rng.random()}"
    oracle.support.copy_items(db, cid, [(name, {"t": "pump"}, oracle.document(rng))])
    return {changed, gone}


def test_numbers_keep_their_digits_in_a_position(db: Conn) -> None:
    cid = oracle.support.make_collection(db, "c")
    oracle.support.copy_items(db, cid, [(str(at), {"t": "a"}, {}) for at in range(3)])
    digits = "1.00000000000000000000000000"
    for at in range(3):
        db.execute(
            "UPDATE core.item SET metadata = %s WHERE external_id = %s",
            (f'{{"n": {digits}{at}}}', str(at)),
        )
    first = page(db, ["n"], None, 1, None)
    after = f'{{"keys": {first[0][2]}, "item_id": {first[0][0]}}}'
    assert len(page(db, ["n"], None, 9, after)) == 2


@pytest.mark.parametrize(
    ("sort", "after"),
    [
        ([], None),
        (["a", "b", "c", "d", "e"], None),
        (["-"], None),
        (["a"], '{"keys": [1, 2], "item_id": 1}'),
        (["a"], '{"keys": 1, "item_id": 1}'),
        (["a"], '{"keys": [1]}'),
        (["a"], '{"keys": [1], "item_id": 1.5}'),
        (["a"], "[]"),
    ],
)
def test_what_cannot_be_sorted_is_refused(db: Conn, sort: list[str], after: str | None) -> None:
    oracle.support.make_collection(db, "c")
    with pytest.raises(psycopg.Error) as caught:
        page(db, sort, None, 1, after)
    assert caught.value.sqlstate == "SG004"
    assert caught.value.diag.message_hint


def plan(db: Conn, after: str | None) -> str:
    """The plan of the statement that a sorted list runs along an index."""
    db.execute("LOAD 'auto_explain'")
    statement = oracle.support.one(
        db, "SELECT impl.sort_statement('{true}', true, %s)", (after is not None,)
    )
    values = [
        ("1", "int"),
        ("{price}", "text[]"),
        ('{"$.\\"price\\"[*][*]"}', "jsonpath[]"),
        ("{true}", "boolean[]"),
        (after, "jsonb"),
        ("0", "int"),
        ("10", "int"),
        (None, "jsonb"),
        (None, "jsonpath"),
        (None, "bigint[]"),
    ]
    cid = oracle.support.one(db, "SELECT id FROM core.collection")
    values[0] = (str(cid), "int")
    paths = oracle.support.one(db, "SELECT ARRAY[impl.metadata_path('price')]::text")
    values[2] = (paths, "jsonpath[]")
    for at, (value, of) in reversed(list(enumerate(values, 1))):
        literal = "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"
        statement = statement.replace(f"${at}", f"({literal}::{of})")
    return "\n".join(oracle.support.column(db, f"EXPLAIN {statement}".encode()))


def test_a_sort_key_is_read_along_its_index(db: Conn) -> None:
    cid = oracle.support.make_collection(db, "c")
    rows = [(str(at), {"t": "a"}, {"price": at % 700}) for at in range(3000)]
    oracle.support.copy_items(db, cid, rows)
    assert oracle.support.one(db, "SELECT ops.add_sort_key('c', '-price')") is True
    assert oracle.support.one(db, "SELECT ops.add_sort_key('c', '-price')") is False
    db.execute("ANALYZE core.item")
    for after in (None, '{"keys": [300], "item_id": 7}'):
        explained = plan(db, after)
        assert "Seq Scan" not in explained
        assert "Index Scan using item_sort_" in explained
        assert after is None or "Index Cond" in explained
    assert oracle.support.one(db, "SELECT ops.drop_sort_key('c', '-price')") is True
    assert oracle.support.one(db, "SELECT ops.drop_sort_key('c', '-price')") is False
    db.execute("SELECT ops.add_sort_key('c', 'price')")
    db.execute("SELECT * FROM ops.delete_collection('c')")
    assert oracle.support.one(db, "SELECT ops.drop_unused_sort_keys()") == 1
