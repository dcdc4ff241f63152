"""Votes of several people: their agreement against plain counting, grades taken back, progress."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import combinations, permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest

from db.calls.query import fetch
from db.evaluation import evals, judging
from db.evaluation.rows import Judgment
from tests.evaluation.support import foreign_run, items, make_set

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

Votes = dict[tuple[str, str], dict[str, int]]


def vote(db: Conn, name: str, judge: str | None, *given: Judgment) -> None:
    put = judging.judge(query_set=name, source="people", judge=judge, pool="", judgments=given)
    fetch(db, put)


def alpha(votes: Votes) -> float | None:
    """Krippendorff's alpha with the ordinal metric, by his coincidence matrix, word for word."""
    units = [list(unit.values()) for unit in votes.values() if len(unit) > 1]
    together: dict[tuple[int, int], float] = defaultdict(float)
    for unit in units:
        for c, k in permutations(range(len(unit)), 2):
            together[unit[c], unit[k]] += 1 / (len(unit) - 1)
    n = {g: sum(v for (c, _), v in together.items() if c == g) for g in range(4)}

    def far(c: int, k: int) -> float:
        low, high = min(c, k), max(c, k)
        return (sum(n[g] for g in range(low, high + 1)) - (n[c] + n[k]) / 2) ** 2

    chance = sum(n[c] * n[k] * far(c, k) for c in n for k in n) / max(sum(n.values()) - 1, 1)
    seen = sum(v * far(*pair) for pair, v in together.items())
    return None if chance == 0 else 1 - seen / chance


def kappas(votes: Votes, first: str, second: str) -> tuple[float | None, float | None]:
    pairs = [(unit[first], unit[second]) for unit in votes.values() if {first, second} <= set(unit)]
    chance = [(x, y) for x, _ in pairs for _, y in pairs]

    def of(far: int, pairs: list[tuple[int, int]]) -> float:
        return sum(abs(x - y) ** far if far else x != y for x, y in pairs) / len(pairs)

    return tuple(  # type: ignore[return-value]
        None if of(far, chance) == 0 else 1 - of(far, pairs) / of(far, chance) for far in (0, 2)
    )


def test_agreement_is_that_of_plain_counting(db: Conn) -> None:
    drawn = random.Random(7)
    for at, grades in enumerate(((0, 1, 2, 3), (0, 3), (2,), (0, 1, 2, 3))):
        name = f"set{at}"
        make_set(db, ["q", "r"], name=name)
        votes: Votes = defaultdict(dict)
        for judge in ("kim", "lee", "mina"):
            # Each has seen some of the items.
            seen = [(q, f"I{n}") for q in "qr" for n in range(9) if drawn.random() < 0.6]
            for q, item in seen:
                votes[q, item][judge] = drawn.choice(grades)
            given = [Judgment(*key, votes[key][judge]) for key in seen]
            vote(db, name, judge, *given)
        (found,) = fetch(db, judging.reliability(query_set=name))
        units = [unit for unit in votes.values() if len(unit) > 1]
        assert (found.items, found.votes) == (len(units), sum(map(len, units)))
        assert found.alpha == pytest.approx(alpha(votes))
        rows = fetch(db, judging.agreement(query_set=name))
        assert {(row.first, row.second) for row in rows} == set(
            combinations(("kim", "lee", "mina"), 2)
        )
        for row in rows:
            told = kappas(votes, row.first, row.second)
            assert (row.kappa, row.weighted_kappa) == pytest.approx(told)


def test_each_keeps_their_vote_and_takes_it_back(db: Conn) -> None:
    make_set(db, ["q", "r"])
    vote(db, "set", "mina", Judgment("q", "A", 3, "the very part"))
    vote(db, "set", "kim", Judgment("q", "A", 1), Judgment("q", "B", 0))
    vote(db, "set", None, Judgment("q", "C", 2))
    (asked, other) = fetch(db, judging.judged_queries(query_set="set"))
    assert (asked.query, asked.judged, asked.relevant, asked.judges) == ("q", 3, 2, ["kim", "mina"])
    assert (other.judged, other.judges) == (0, [])

    def take(external_id: str, judge: str | None) -> int | None:
        back = judging.withdraw_judgment(
            query_set="set", query="q", external_id=external_id, judge=judge
        )
        return fetch(db, back)[0].grade

    assert take("A", "mina") == 1  # kim's stands, who came later
    vote(db, "set", "mina", Judgment("q", "A", 3, "the very part"))
    assert take("A", "kim") == 3
    rows = db.execute("SELECT judge, grade, reason FROM eval.judgment WHERE external_id = 'A'")
    assert rows.fetchall() == [("mina", 3, "the very part")]
    assert take("A", "mina") is None
    assert take("C", "kim") == 2  # nobody's name is on it
    assert take("C", None) is None
    left = db.execute("SELECT external_id, judge, grade FROM eval.judgment").fetchall()
    assert left == [("B", "kim", 0)]


def test_evaluations_over_time_have_intervals(db: Conn) -> None:
    items(db, dict.fromkeys("ABC", "pump"))
    make_set(db, ["1", "2", "3"], {q: {"A": 1} for q in "123"})
    foreign_run(db, {"1": {"A": 1.0}, "2": {"B": 2.0, "A": 1.0}, "3": {"A": 1.0}}, label="old")
    foreign_run(db, {q: {"A": 1.0} for q in "123"}, label="new")
    old, new = fetch(db, evals.history(query_set="set", measure="RR@10"))
    assert (old.label, old.queries, old.value) == ("old", 3, pytest.approx(2.5 / 3))
    deviation = np.std([1, 0.5, 1], ddof=1)
    assert old.low == pytest.approx(2.5 / 3 - 1.96 * deviation / 3**0.5)
    assert old.high == 1.0  # no mean is above
    assert (new.value, new.low, new.high) == (1.0, 1.0, 1.0)
    (last,) = fetch(db, evals.history(query_set="set", measure="RR@10", most_n=1))
    assert last.label == "new"
