"""Where a server is in the write-ahead log, and who follows it."""

from __future__ import annotations

import msgspec

from db.calls.query import Query


class Position(msgspec.Struct, frozen=True):
    """Bytes of write-ahead log written (by a primary) or replayed (by a replica)."""

    replica: bool
    position: int


def position() -> Query[Position]:
    """Of the server of the connection."""
    return Query(
        "SELECT pg_is_in_recovery() AS replica, (CASE WHEN pg_is_in_recovery() THEN"
        " pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0')::bigint AS position",
        {},
        Position,
    )
