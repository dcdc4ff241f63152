"""State of a database for operators: invalid indexes, unindexed items, replicas, workers."""

from __future__ import annotations

import msgspec

from db.calls.call import statement
from db.calls.rows import Count, NameRow


class Follower(msgspec.Struct, frozen=True, kw_only=True):
    """A streaming replica, as its primary sees it."""

    name: str
    state: str
    behind_bytes: int


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """Number of items of a collection that an index or a count of its words does not hold as they are."""

    collection: str
    items: int


# Indexes that nobody is building and that do not serve.
invalid_indexes = statement("check", "invalid_indexes", NameRow)
# Collections with items written while triggers were off; reads every item.
unindexed = statement("check", "unindexed", Behind)
# Collections whose words were not counted for corrections since a twentieth of them changed.
uncounted = statement("check", "uncounted", Behind)
# Streaming replicas; nothing where the role may not see them.
followers = statement("check", "followers", Follower)
# How many worker sessions are alive.
workers = statement("check", "workers", Count)
