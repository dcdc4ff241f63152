"""The lists of a run's legs as arrays."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from db.calls.query import fetch
from db.evaluation import evals, query_sets, tuning
from jobs.errors import JobError
from jobs.evaluation.guard import MIN_QUERIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from db.evaluation.tuning import Answer, LegList
    from jobs.types import Conn, Floats, Rows


Grades = dict[str, dict[str, int]]
# Of a run to learn from. Every item that a leg lists is kept anyway; this is how deep measures may look.
RUN_DEPTH = 1000


class NotTunable(JobError):
    """Nothing can be learned from these queries and this run."""


class Lists(NamedTuple):
    """Answers of Q judged queries, each of at most M items that L legs listed.

    Items of a query are in the order of their id, which is how equal scores are broken. A query that
    has no answer has no items; where a query has fewer than M, the rest is padding.

    Attributes:
        queries: external ids, Q.
        legs: names in the order in which their contributions are added, L.
        external_ids: per query those of its items.
        listed: whether there is an item, bool (Q, M).
        ranks: per leg, 1 is best, NaN where the leg has not the item, float64 (Q, M, L).
        scores: likewise.
        spread: lowest, highest score and standard deviation of each whole list, float64 (Q, L, 3).
        grades: of each item, 0 where it is not judged, float64 (Q, M).
        best: all positive grades of the query, the highest first, padded with 0, float64 (Q, J).
    """

    queries: list[str]
    legs: list[str]
    external_ids: list[list[str]]
    listed: NDArray[np.bool_]
    ranks: Floats
    scores: Floats
    spread: Floats
    grades: Floats
    best: Floats

    def rows(self, chosen: Rows) -> Lists:
        """Select some of the queries."""
        return Lists(
            [self.queries[at] for at in chosen],
            self.legs,
            [self.external_ids[at] for at in chosen],
            self.listed[chosen],
            self.ranks[chosen],
            self.scores[chosen],
            self.spread[chosen],
            self.grades[chosen],
            self.best[chosen],
        )


def check_enough(queries: int) -> None:
    """Refuse too few judged queries before computing for minutes.

    Raises:
        NotTunable: there are fewer judged queries than a decision takes.
    """
    if queries < MIN_QUERIES:
        raise NotTunable(
            f"{queries} judged queries decide nothing; at least {MIN_QUERIES} are wanted",
            "judge more of them: the page Judge, or `seogo judge`",
        )


def relevant(conn: Conn, query_set: str, source: str | None) -> Grades:
    """Read the grades of judged items by query, without the query's own item."""
    queries = fetch(conn, query_sets.queries(query_set=query_set))
    own = {query.external_id: query.item for query in queries}
    truth: Grades = {}
    for row in fetch(conn, query_sets.judgments(query_set=query_set, source=source)):
        grades = truth.setdefault(row.query, {})
        if row.external_id != own[row.query]:
            grades[row.external_id] = row.grade
    return {query: grades for query, grades in truth.items() if grades}


def named_source(conn: Conn, query_set: str, source: str | None) -> str:
    """Resolve the source of judgments; None where the set has one source.

    Raises:
        UnknownName: the set has none of that name.
        BadRequest: it has several, and none is named.
    """
    return fetch(conn, tuning.source(query_set=query_set, source=source))[0].source


def load(conn: Conn, run_id: int, source: str | None = None) -> Lists:
    """Read the lists of a run's legs for its judged queries.

    Raises:
        UnknownName: no such run or source.
        NotTunable: the run is not finished, was made elsewhere, or no query is judged.
    """
    run = fetch(conn, evals.run(run_id=run_id))[0]
    if run.finished_at is None or not run.legs:
        why = "was made by another system" if run.finished_at else "was never finished"
        raise NotTunable(f"run {run_id} {why}", "make one with `seogo eval run`")
    truth = relevant(conn, run.query_set, source)
    if not truth:
        raise NotTunable(f"no query of the set {run.query_set} is judged", "see `seogo eval list`")
    given = fetch(conn, tuning.leg_lists(run_id=run_id))
    if any(row.low is None and any(row.ranks) for row in given):
        raise NotTunable(
            f"run {run_id} is of an earlier version and lacks the spread of its lists",
            "run it again with `seogo eval run`",
        )
    return arrays(fetch(conn, tuning.answers(run_id=run_id)), given, truth)


def arrays(answers: Iterable[Answer], given: Iterable[LegList], truth: Grades) -> Lists:
    """Put answers and lists into arrays; queries are those of `truth`, in its order."""
    by_query = {answer.query: answer for answer in answers}
    found = [by_query.get(query) for query in truth]
    orders = [[] if answer is None else _by_item_id(answer) for answer in found]
    legs: dict[str, dict[str, LegList]] = defaultdict(dict)
    for one in given:
        legs[one.leg][one.query] = one
    shape = (len(truth), max(map(len, orders), default=0))
    ranks, scores = np.full((2, *shape, len(legs)), np.nan)
    spread = np.zeros((len(truth), len(legs), 3))
    for column, rows in enumerate(legs.values()):
        for at, (query, order) in enumerate(zip(truth, orders, strict=True)):
            if (row := rows.get(query)) is not None:
                ranks[at, : len(order), column] = np.array(row.ranks, dtype=np.float64)[order]
                scores[at, : len(order), column] = np.array(row.scores, dtype=np.float64)[order]
                spread[at, column] = [row.low or 0, row.high or 0, row.deviation or 0]
    ids = [
        [answer.external_ids[at] for at in order] if answer else []
        for answer, order in zip(found, orders, strict=True)
    ]
    lengths = np.array([[len(order)] for order in orders])
    listed = np.arange(shape[1]) < lengths
    grades, best = _graded(ids, truth, shape)
    return Lists(list(truth), list(legs), ids, listed, ranks, scores, spread, grades, best)


def _by_item_id(answer: Answer) -> list[int]:
    """Places of the items in the order of their ids, without deleted ones."""
    there = [at for at, item_id in enumerate(answer.item_ids) if item_id is not None]
    return sorted(there, key=lambda at: answer.item_ids[at] or 0)


def _graded(
    ids: Sequence[Sequence[str]], truth: Mapping[str, Mapping[str, int]], shape: tuple[int, int]
) -> tuple[Floats, Floats]:
    grades = np.zeros(shape)
    width = max(len(judged) for judged in truth.values())
    best = np.zeros((len(truth), width))
    for at, (items, judged) in enumerate(zip(ids, truth.values(), strict=True)):
        grades[at, : len(items)] = [max(judged.get(item, 0), 0) for item in items]
        best[at, : len(judged)] = sorted((max(g, 0) for g in judged.values()), reverse=True)
    return grades, best
