"""Judging by people: what comes next, and what they found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.query import Query
from db.evaluation.rows import Query as QueryRow
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.rows import Judgment


class NextQuery(QueryRow, frozen=True, kw_only=True):
    """A query that wants judgments; `open`: how many there are from it on."""

    open: int


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What a source says of an item."""

    external_id: str
    grade: int


class JudgmentsWritten(msgspec.Struct, frozen=True, kw_only=True):
    """How many judgments were kept, and queries that the set has not."""

    written: int
    unknown: list[str]


def next_query(*, query_set: str, source: str, depth: int, after: int = 0) -> Query[NextQuery]:
    """The first query behind `after` with fewer than `depth` judgments of a source; none: no row."""
    params = {"query_set": query_set, "source": source, "depth": depth, "after": after}
    return Query(statements("judging")["next_query"], params, NextQuery)


def judged(*, query_id: int, source: str) -> Query[Judged]:
    """The judgments of a query by a source."""
    params = {"query_id": query_id, "source": source}
    return Query(statements("judging")["judged"], params, Judged)


def judge(
    *, query_set: str, source: str, judge: str | None, pool: str, judgments: Sequence[Judgment]
) -> Query[JudgmentsWritten]:
    """Write judgments; those that are there already are replaced. Always one row."""
    params = {
        "query_set": query_set,
        "source": source,
        "judge": judge,
        "pool": pool,
        "queries": [j.query for j in judgments],
        "external_ids": [j.external_id for j in judgments],
        "grades": [j.grade for j in judgments],
    }
    return Query(statements("judging")["judge"], params, JudgmentsWritten)
