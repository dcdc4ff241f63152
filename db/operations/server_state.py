"""What stands still or waits in a database, for operators: indexes, items, replicas, workers."""

from __future__ import annotations

import msgspec

from db.calls.query import Count, Query
from db.sqlfiles import statements


class Follower(msgspec.Struct, frozen=True, kw_only=True):
    """A streaming replica, as its primary sees it."""

    name: str
    state: str
    behind_bytes: int


class Unindexed(msgspec.Struct, frozen=True, kw_only=True):
    """How many items of a collection its word index does not hold as they are."""

    collection: str
    items: int


class _Name(msgspec.Struct, frozen=True):
    name: str


def invalid_indexes() -> Query[_Name]:
    """Indexes that nobody is building and that do not serve."""
    return Query(statements("check")["invalid_indexes"], {}, _Name)


def unindexed() -> Query[Unindexed]:
    """Collections with items written while triggers were off; reads every item."""
    return Query(statements("check")["unindexed"], {}, Unindexed)


def followers() -> Query[Follower]:
    """Replicas that stream from the server; nothing where the role may not see them."""
    return Query(statements("check")["followers"], {}, Follower)


def workers() -> Query[Count]:
    """How many worker sessions are alive."""
    return Query(statements("check")["workers"], {}, Count)
