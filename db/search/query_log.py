"""The query log: searches with their first hits, as the view `search.queries` shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from db.calls.call import function, procedure, scalar
from db.calls.rows import Count, Done
from db.search.rows import Leg


class LoggedHit(msgspec.Struct, frozen=True, kw_only=True):
    """A hit and its rank in each leg that has it."""

    external_id: str
    rank: int
    legs: dict[str, int]


class LoggedSearch(msgspec.Struct, frozen=True, kw_only=True):
    """An answered search.

    Times are milliseconds; `picture` says whether there was one, `filter` is an object, a jsonpath predicate
    or a list of these, `legs` are those that were run, `hits` the first ones. `found` counts the hits of
    the page, `word_hits` those that have words or numbers of the query (None: no such leg was run); `weak`:
    whether the answer was told to be weak (None: not measured).
    """

    asked_at: datetime
    key_id: int | None
    collection: str
    query: str | None
    picture: bool
    liked: list[int]
    unliked: list[int]
    filter: dict[str, Any] | str | list[dict[str, Any] | str] | None
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
    found: int | None = None
    word_hits: int | None = None
    best_score: float | None = None
    weak: bool | None = None


class WeakQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.weak_queries`: a query whose answers were empty, wordless or weak."""

    collection: str
    query: str
    asked: int
    nothing: int
    wordless: int
    weak: int
    best_score: float | None
    last_asked_at: datetime


class SearchTimes(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.search_times`: searches of a step of time, percentiles in ms (None: nobody searched)."""

    begins: datetime
    searches: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    degraded: int
    nothing: int
    weak: int


class TopQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.top_queries`: a query, how often it was asked, and in vain."""

    collection: str
    query: str
    asked: int
    nothing: int
    weak: int
    p50_ms: float
    last_asked_at: datetime


# How many were written; `searches` are `LoggedSearch`es.
log_searches = scalar("ops.log_searches", Count, json=("searches",))
# An error where the collection has no such item.
log_click = procedure("ops.log_click")
# Whether there is such a visit.
note_dwell = scalar("ops.note_dwell", Done)
# How many had expired.
forget_searches = scalar("ops.forget_searches", Count)
# The worst first.
weak_queries = function("ops.weak_queries", WeakQuery)
# Oldest step first; the most asked first.
search_times = function("ops.search_times", SearchTimes)
top_queries = function("ops.top_queries", TopQuery)
