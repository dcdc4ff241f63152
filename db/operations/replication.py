"""Position of a server in the write-ahead log."""

from __future__ import annotations

import msgspec

from db.calls.call import statement


class Position(msgspec.Struct, frozen=True):
    """Bytes of write-ahead log written (by a primary) or replayed (by a replica)."""

    replica: bool
    position: int


position = statement("check", "position", Position)
