"""Wrapper that reads stored vectors."""

from __future__ import annotations

import msgspec
from pgvector import HalfVector

from db.calls.query import Query


class StoredVector(msgspec.Struct, frozen=True, kw_only=True):
    """A vector of an item: of which source, and of which window of it, from 0."""

    external_id: str
    source: str
    part_no: int
    vec: HalfVector


def stored(*, collection: str, space_id: int) -> Query[StoredVector]:
    """All vectors of a collection in a space, by item, source and window."""
    return Query(
        "SELECT i.external_id, e.source, e.part_no, e.vec FROM core.embedding AS e"
        " JOIN core.item AS i ON i.id = e.item_id"
        " WHERE e.space_id = %(space_id)s AND i.collection_id = impl.collection_id(%(collection)s)"
        " ORDER BY i.id, e.source, e.part_no",
        {"collection": collection, "space_id": space_id},
        StoredVector,
    )
