"""Stored vectors of items."""

from __future__ import annotations

import msgspec
from pgvector import HalfVector

from db.calls.call import statement


class StoredVector(msgspec.Struct, frozen=True, kw_only=True):
    """A vector of an item, of one window (from 0) of one source."""

    external_id: str
    source: str
    part_no: int
    vec: HalfVector


# All vectors of a collection in a space, by item, source and window.
stored = statement("embed", "vectors", StoredVector)
