"""Wrappers of the query log: searches with their first hits, as the view `search.queries` shows them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from psycopg.types.json import Jsonb

from db.calls.query import Count, Query
from db.rows import Leg

if TYPE_CHECKING:
    from collections.abc import Sequence


class LoggedHit(msgspec.Struct, frozen=True, kw_only=True):
    """A hit and its rank in each leg that has it."""

    external_id: str
    rank: int
    legs: dict[str, int]


class LoggedSearch(msgspec.Struct, frozen=True, kw_only=True):
    """A search that was answered.

    Times are milliseconds; `picture` says whether there was one, `filter` is an object or a jsonpath
    predicate, `legs` are those that were run, `hits` the first ones.
    """

    asked_at: datetime
    key_id: int | None
    collection: str
    query: str | None
    picture: bool
    liked: list[int]
    unliked: list[int]
    filter: dict[str, Any] | str | None
    profile: str | None
    k: int
    skip: int
    legs: list[Leg]
    encode_ms: float
    sql_ms: float
    rerank_ms: float
    total_ms: float
    degraded: list[str]
    hits: list[LoggedHit]


def log_searches(*, searches: Sequence[LoggedSearch], keep: timedelta) -> Query[Count]:
    """`ops.log_searches`; how many were written."""
    return Query(
        "SELECT ops.log_searches(%(searches)s, %(keep)s) AS n",
        {"searches": Jsonb(list(searches), dumps=msgspec.json.encode), "keep": keep},
        Count,
    )


def forget_searches() -> Query[Count]:
    """`ops.forget_searches`; how many had expired."""
    return Query("SELECT ops.forget_searches() AS n", {}, Count)
