"""Pooling: the first hits of all systems are judged together, so that none is favoured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.evaluation import evals, ground_truth
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.ground_truth import Leak, Pooled
    from jobs.types import Conn


class NoPool(JobError):
    """There are no runs to pool."""


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """The share of a run in a pool.

    `alone` are pairs that no other run has among its first hits; `relevant_alone` those of them that the
    source holds to be relevant, never judged without this run. `judged` is a share.
    """

    run_id: int
    label: str
    pairs: int
    alone: int
    relevant_alone: int
    judged: float


class PoolCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Biases of a ground truth: contributions of runs, and queries copied from items."""

    contributions: list[Contribution]
    leaks: list[Leak]


def runs_of(conn: Conn, query_set: str, chosen: Sequence[int] = ()) -> list[int]:
    """The chosen runs, or every finished run of the set.

    Raises:
        NoPool: there is no finished run, or a chosen one is of another set.
    """
    every = fetch(conn, evals.runs(query_set=query_set))
    there = [run.run_id for run in every if run.finished_at is not None]
    if wrong := sorted(set(chosen) - set(there)):
        raise NoPool(f"run {wrong[0]} is no finished run of the set {query_set}")
    if not there:
        raise NoPool(f"the set {query_set} has no finished run", "make some: `seogo eval run`")
    return list(chosen) or there


def pairs(conn: Conn, runs: Sequence[int], depth: int) -> list[Pooled]:
    """Queries with each item that some run has among its first `depth`."""
    return fetch(conn, ground_truth.pooled(runs=runs, depth=depth))


def intersect(conn: Conn, query_set: str, source: str, first: str, second: str) -> int:
    """Replace a source by the pairs that two others both hold to be relevant.

    Raises:
        UnknownName: no such query set or source.
        NoPool: the source is one of the two.
    """
    if source in (first, second):
        raise NoPool(f"{source} would replace what it is made from", "name it otherwise: --source")
    with conn.transaction():
        fetch(conn, ground_truth.drop(query_set=query_set, source=source))
        names = {"source": source, "first": first, "second": second}
        return fetch(conn, ground_truth.intersect(query_set=query_set, **names))[0].n


def check(
    conn: Conn, collection: str, query_set: str, source: str, runs: Sequence[int], depth: int
) -> PoolCheck:
    """Check for circularity (a truth from one system) and leakage (queries that are items)."""
    pooled = pairs(conn, runs, depth)
    rows = fetch(conn, ground_truth.judged(query_set=query_set, source=source))
    grades = {(row.query, row.external_id): row.grade for row in rows}
    labels = {run.run_id: run.label for run in fetch(conn, evals.runs(query_set=query_set))}
    found = []
    for run in runs:
        of = [pair for pair in pooled if run in pair.runs]
        alone = [pair for pair in of if pair.runs == [run]]
        judged = sum((pair.query, pair.external_id) in grades for pair in of)
        relevant = sum(grades.get((pair.query, pair.external_id), 0) > 0 for pair in alone)
        found.append(
            Contribution(
                run_id=run,
                label=labels[run],
                pairs=len(of),
                alone=len(alone),
                relevant_alone=relevant,
                judged=judged / len(of) if of else 0.0,
            )
        )
    leaks = fetch(conn, ground_truth.leaks(collection=collection, query_set=query_set))
    return PoolCheck(contributions=found, leaks=leaks)
