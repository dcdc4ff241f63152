"""Judging by people: the next query, and their judgments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.call import statement
from db.calls.query import Query
from db.evaluation.rows import QueryRow, judgment_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.rows import Judgment


class NextQuery(QueryRow, frozen=True, kw_only=True):
    """A query that lacks judgments; `open`: how many such there are from it on."""

    open: int


class ItemGrade(msgspec.Struct, frozen=True, kw_only=True):
    """The grade of an item by a source."""

    external_id: str
    grade: int


class JudgmentsWritten(msgspec.Struct, frozen=True, kw_only=True):
    """The number of judgments written, and the queries that the set lacks."""

    written: int
    unknown: list[str]


# The first query behind `after` with fewer than `depth` judgments of a source; no row where there is none.
next_query = statement("judging", "next_query", NextQuery, after=0)
# The judgments of a query by a source.
judged = statement("judging", "judged", ItemGrade)
_judge = statement("judging", "judge", JudgmentsWritten)


def judge(
    *, query_set: str, source: str, judge: str | None, pool: str, judgments: Sequence[Judgment]
) -> Query[JudgmentsWritten]:
    """Write judgments; those that are there already are replaced. Always one row."""
    about = {"query_set": query_set, "source": source, "judge": judge, "pool": pool}
    return _judge(**about, **judgment_columns(judgments))
