"""Wrappers of what long-running workers ask: what waits, what failed, which indexes are due."""

from __future__ import annotations

from datetime import datetime

import msgspec

from db.calls.query import Count, Query
from db.rows import Space
from db.sqlfiles import statements


class _Done(msgspec.Struct, frozen=True):
    done: bool


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.enqueue_stale`: the last item looked at, None at the end, and how many were queued."""

    last_id: int | None
    queued: int


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.failed`."""

    kind: str
    collection: str | None
    external_id: str | None
    item_id: int | None
    picture_id: int | None
    space: str | None
    generation: int | None
    query: str | None
    attempts: int | None
    parked: bool
    next_attempt_at: datetime | None
    error: str


def prepare(*, max_attempts: int) -> Query[_Done]:
    """Set how often this session's failures are tried again."""
    return Query(
        "SELECT set_config('seogo.max_attempts', %(value)s, false) IS NOT NULL AS done",
        {"value": str(max_attempts)},
        _Done,
    )


def anything_due(*, space_id: int) -> Query[_Done]:
    """Whether an item or a query of a space could be claimed now."""
    return Query(statements("workers")["anything_due"], {"space_id": space_id}, _Done)


def index_due(*, least_vectors: int) -> Query[Space]:
    """Spaces without an index that have enough vectors and wait for hardly any more."""
    return Query(statements("workers")["index_due"], {"least_vectors": least_vectors}, Space)


def enqueue_stale(*, space_id: int, after_id: int = 0, batch_n: int = 2000) -> Query[Page]:
    """`ops.enqueue_stale`."""
    return Query(
        "SELECT last_id, queued FROM ops.enqueue_stale(%(space_id)s, %(after_id)s, %(batch_n)s)",
        {"space_id": space_id, "after_id": after_id, "batch_n": batch_n},
        Page,
    )


def failed(
    *, collection: str | None = None, space: str | None = None, kind: str | None = None, limit: int
) -> Query[Failed]:
    """The view `search.failed`."""
    params = {"collection": collection, "space": space, "kind": kind, "limit": limit}
    return Query(statements("workers")["failed"], params, Failed)


def retry_failed(
    *, collection: str | None = None, space: str | None = None, kind: str | None = None
) -> Query[Count]:
    """`ops.retry_failed`; how many are tried again."""
    return Query(
        "SELECT ops.retry_failed(%(collection)s, %(space)s, %(kind)s) AS n",
        {"collection": collection, "space": space, "kind": kind},
        Count,
    )
