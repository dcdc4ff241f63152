"""Items and collections: reading and writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.call import function, procedure, scalar, statement
from db.calls.query import Query
from db.calls.rows import Count, Id
from db.items.rows import Collection, Item, ItemIn, NewCollection, Written

if TYPE_CHECKING:
    from collections.abc import Sequence


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of what a deleted collection held, or would lose."""

    items: int
    pictures: int
    products: int
    analyses: int


class PictureReaders(msgspec.Struct, frozen=True):
    """The readers of a collection's pictures: engine or captioner by kind."""

    picture_readers: dict[str, str]


class Empty(msgspec.Struct, frozen=True):
    """Whether a collection has no items."""

    empty: bool


item = statement("items", "item", Item)
# A collection that is missing is empty.
is_empty = statement("items", "is_empty", Empty)
# A cheap check that the collection exists.
collection_id = scalar("impl.collection_id", Id, reads=True)
# Of a sharded one, too.
named_collection = scalar("impl.named_collection", Id, reads=True)
# Without counting items, as `collections` does.
picture_readers = statement("items", "picture_readers", PictureReaders, reads=True)
collections = statement("items", "collections", Collection)
# What is left out, or None, stays as it is; `identifier_fields` are read from all items at once.
alter_collection = procedure("ops.alter_collection", json=("field_weights", "picture_readers"))
# How many items were, or would be, queued; without `sources`: how many lost, or would lose, their vectors.
set_vector_sources = scalar("ops.set_vector_sources", Count, json=("sources",))
delete_collection = function("ops.delete_collection", Deleted)
_upsert_items = function("ops.upsert_items", Written, json=("items",))
_create_collection = scalar(
    "ops.create_collection", Id, json=("field_weights", "vector_sources", "picture_readers")
)


def upsert_items(*, collection: str, items: Sequence[ItemIn]) -> Query[Written]:
    """Write items, without their pictures; external ids must be unique within the call."""
    rows = [
        {"external_id": i.external_id, "fields": i.fields, "metadata": i.metadata} for i in items
    ]
    return _upsert_items(collection=collection, items=rows)


def create_collection(*, name: str, settings: NewCollection) -> Query[Id]:
    """Create a collection; settings that are not given are SQL's defaults."""
    given = {
        key: value
        for key, value in msgspec.structs.asdict(settings).items()
        if value is not msgspec.UNSET
    }
    return _create_collection(name=name, **given)
