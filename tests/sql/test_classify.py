"""Classification by neighbours against plain Python, its errors, its plan, and the confusion matrix."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest

from db.calls.query import fetch
from db.errors import UnknownName
from db.search.classes import classify, confusion
from db.search.legs import vector_text
from jobs.errors import JobError
from jobs.evaluation.classes import summarize
from tests.sql.helpers import make_collection, put, put_vectors, unit

if TYPE_CHECKING:
    from tests.sql.helpers import Conn, Floats

VALUES: list[Any] = ["a", "b", ["a", "c"], 3, None, True, {"x": 1}]
N = 40


@pytest.fixture
def bank(db: Conn, dummy_space: int) -> tuple[list[int], Floats]:
    """Items with values of every kind, one vector each; the last ones have none of the key."""
    make_collection(db, "bank")
    metadata = {
        f"i{n:02}": {"u": VALUES[n % len(VALUES)], "year": n} if n < N - 5 else {"year": n}
        for n in range(N)
    }
    ids = list(put(db, {key: {} for key in metadata}, "bank", metadata).values())
    vecs = unit(np.random.default_rng(5), N)
    put_vectors(db, dummy_space, [(item, "question", 0) for item in ids], vecs)
    return ids, vecs


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def voted(ids: list[int], vecs: Floats, query: Floats, k: int, out: int | None) -> dict[Any, Any]:
    """Value -> (votes, weight, neighbours), by sorting all similarities."""
    sims = vecs @ query
    voters = [
        at
        for at in np.argsort(-sims, kind="stable").tolist()
        if at < N - 5 and VALUES[at % len(VALUES)] not in (None, {"x": 1}) and ids[at] != out
    ][:k]
    low, high = sims[voters[-1]], sims[voters[0]]
    found: dict[Any, Any] = defaultdict(lambda: (0, 0.0, []))
    for at in voters:
        weight = ((sims[at] - low) / (high - low) if high > low else 1.0) + 1 / len(voters)
        value = VALUES[at % len(VALUES)]
        for one in value if isinstance(value, list) else [value]:
            votes, sum_, names = found[one]
            found[one] = (votes + 1, sum_ + weight, [*names, ids[at]])
    return found


@pytest.mark.parametrize("k", [1, 7, 1000])
def test_votes_are_those_of_the_nearest_that_have_a_value(
    db: Conn, bank: tuple[list[int], Floats], k: int
) -> None:
    ids, vecs = bank
    for at in (0, 4, N - 1):
        asked = ({"item": ids[at]}, ids[at]), ({"query_vec": vector_text(vecs[at])}, None)
        for what, out in asked:
            rows = fetch(db, classify(collection="bank", path="u", k=k, **what))
            expected = voted(ids, vecs, vecs[at], k, out)
            assert {row.value: row.item_ids for row in rows} == {
                value: names for value, (_, _, names) in expected.items()
            }
            for row in rows:
                votes, weight, _ = expected[row.value]
                assert row.votes == votes
                assert row.weight == pytest.approx(weight, abs=0.02)  # halfvec
            assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
            assert [row.weight for row in rows] == sorted((r.weight for r in rows), reverse=True)


def test_a_filter_says_who_may_vote(db: Conn, bank: tuple[list[int], Floats]) -> None:
    ids, _ = bank
    late = fetch(db, classify(collection="bank", path="u", item=ids[0], k=9, filter="year:20.."))
    both = json.dumps(["$.year >= 20", {"u": 3}])
    three = fetch(db, classify(collection="bank", path="u", item=ids[0], k=9, filter=both))
    assert {item for row in late for item in row.item_ids} <= set(ids[20:])
    assert [row.value for row in three] == [3]
    assert fetch(db, classify(collection="bank", path="none", item=ids[0])) == []


@pytest.mark.parametrize(
    ("arguments", "state"),
    [
        ("item => 1, query_vec => '[1]'", "SG004"),
        ("k => 3", "SG004"),
        ("item => 1, k => 0", "SG004"),
        ("item => 999999", "SG001"),
        ("item => 1, only_source => 'none'", "SG003"),
        ("item => 1, space => 'none'", "SG001"),
        ("query_vec => '[1,2]'", "SG003"),
        ("item => 1, filter => '$.'", "SG002"),
    ],
)
def test_what_cannot_be_classified_is_refused(
    db: Conn, bank: tuple[list[int], Floats], arguments: str, state: str
) -> None:
    arguments = arguments.replace("item => 1,", f"item => {bank[0][0]},")
    with pytest.raises(psycopg.Error) as caught:
        db.execute(f"SELECT * FROM search.classify('bank', 'u', {arguments})")  # type: ignore[call-overload]
    assert caught.value.sqlstate == state
    with pytest.raises(UnknownName):
        fetch(db, classify(collection="nowhere", path="u", item=bank[0][0]))


def test_the_confusion_matrix_is_that_of_each_item_classified_by_the_others(
    db: Conn, bank: tuple[list[int], Floats]
) -> None:
    ids, _ = bank
    db.execute("DELETE FROM core.embedding WHERE item_id = %s", (ids[1],))
    cells = fetch(db, confusion(collection="bank", path="u", k=3))
    expected: dict[tuple[str, str | None], int] = defaultdict(int)
    for at, item in enumerate(ids[: N - 5]):
        value = VALUES[at % len(VALUES)]
        if value in (None, {"x": 1}):
            continue
        names = [text_of(v) for v in (value if isinstance(value, list) else [value])]
        label = None
        if at != 1:
            row = fetch(db, classify(collection="bank", path="u", item=item, k=3))[0]
            label = text_of(row.value)
        expected[(label if label in names else names[0], label)] += 1
    assert {(cell.truth, cell.predicted): cell.items for cell in cells} == expected
    report = summarize(cells, "u")
    assert report.unanswered == {"no vector": 1}
    assert report.items == sum(expected.values())
    assert report.right == sum(n for (truth, label), n in expected.items() if truth == label)
    assert report.low < report.accuracy < report.high
    assert (
        sum(cell.items for cell in fetch(db, confusion(collection="bank", path="u", most_n=4))) == 4
    )
    with pytest.raises(JobError, match="no item has none"):
        summarize(fetch(db, confusion(collection="bank", path="none")), "none")
