"""Queues of long-running workers: waiting and failed items, indexes due."""

from __future__ import annotations

from datetime import datetime

import msgspec

from db.calls.call import function, scalar, statement
from db.calls.rows import Count, Done
from db.spaces.rows import Space


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.enqueue_stale`: the last item checked (None at the end) and how many were queued."""

    last_id: int | None
    queued: int


class ShardPages(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.enqueue_on_shards`: behind which id each shard goes on, and how many were queued.

    `next`: by the numbers of shards; None when all are at their end.
    """

    next: dict[str, int] | None
    queued: int


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.failed`; `shard`: where it is, None here.

    A shard that does not answer is a row of kind `shard`.
    """

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
    shard: str | None = None


# How often this session's failures are tried again.
prepare = statement("queues", "prepare", Done)
# Whether an item or a query of a space could be claimed now.
anything_due = statement("queues", "anything_due", Done)
# Spaces without an index that have enough vectors and wait for hardly any more.
index_due = statement("queues", "index_due", Space)
enqueue_stale = function("ops.enqueue_stale", Page)
enqueue_on_shards = function("ops.enqueue_on_shards", ShardPages, json=("pages",))
failed = statement("queues", "failed", Failed, collection=None, space=None, kind=None)
# How many are tried again.
retry_failed = scalar("ops.retry_failed", Count)
