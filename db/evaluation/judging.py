"""Judging by people: the next query, and their judgments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.call import function, scalar, statement
from db.calls.query import Query
from db.evaluation.rows import QueryRow, judgment_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.rows import Judgment


class NextQuery(QueryRow, frozen=True, kw_only=True):
    """A query that lacks judgments; `open`: how many such there are from it on."""

    open: int


class ToJudgeAgain(msgspec.Struct, frozen=True, kw_only=True):
    """An item that others have judged; `pictures` as of a hit (`db.search.results.FoundPicture`)."""

    item_id: int
    external_id: str
    fields: dict[str, str]
    metadata: dict[str, Any]
    pictures: list[dict[str, Any]]


class JudgedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query of a set: how many items are judged and relevant, and by whom; `query` is its external_id."""

    query_id: int
    query: str
    text: str | None
    item: str | None
    picture_id: int | None
    judged: int
    relevant: int
    judges: list[str]


class PairAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement of two judges; a kappa is None where one of them gave a single grade only."""

    first: str
    second: str
    items: int
    equal: float
    kappa: float | None
    weighted_kappa: float | None


class Reliability(msgspec.Struct, frozen=True, kw_only=True):
    """Krippendorff's alpha of the votes on items with two or more; None where nothing could differ."""

    judges: int
    items: int
    votes: int
    alpha: float | None


class StandingGrade(msgspec.Struct, frozen=True):
    """The grade that stands after one was taken back; None: none does."""

    grade: int | None


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
# The first query behind `after` with items that others have judged and `judge` has not, and those items.
next_again = statement("judging", "next_again", NextQuery, after=0)
again = statement("judging", "again", ToJudgeAgain)
# Of a set, in its order.
judged_queries = function("eval.judged_queries", JudgedQuery)
agreement = function("eval.agreement", PairAgreement)
reliability = function("eval.reliability", Reliability)
withdraw_judgment = scalar("eval.withdraw_judgment", StandingGrade)
_judge = statement("judging", "judge", JudgmentsWritten)


def judge(
    *, query_set: str, source: str, judge: str | None, pool: str, judgments: Sequence[Judgment]
) -> Query[JudgmentsWritten]:
    """Write judgments; those that are there already are replaced. Always one row."""
    about = {"query_set": query_set, "source": source, "judge": judge, "pool": pool}
    reasons = [one.reason for one in judgments]
    return _judge(**about, **judgment_columns(judgments), reasons=reasons)
