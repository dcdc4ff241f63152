"""Wrappers that write and read items and collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from psycopg.types.json import Jsonb

from db.calls.query import Query
from db.rows import Collection, Item, ItemIn, NewCollection, Written
from inputs.values import encoded

if TYPE_CHECKING:
    from collections.abc import Sequence


class Id(msgspec.Struct, frozen=True):
    """The id of what a statement was about."""

    id: int


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    """What was in a collection that is deleted, or would be."""

    items: int
    pictures: int
    products: int
    analyses: int


def upsert_items(*, collection: str, items: Sequence[ItemIn]) -> Query[Written]:
    """`ops.upsert_items`; external ids must be unique within the call."""
    rows = [
        {"external_id": i.external_id, "fields": i.fields, "metadata": i.metadata} for i in items
    ]
    return Query(
        "SELECT * FROM ops.upsert_items(%(collection)s, %(items)s)",
        {"collection": collection, "items": Jsonb(rows, dumps=encoded)},
        Written,
    )


def item(*, item_id: int) -> Query[Item]:
    """A row of `search.items`."""
    return Query(
        "SELECT * FROM search.items WHERE item_id = %(item_id)s", {"item_id": item_id}, Item
    )


def collection_id(*, collection: str) -> Query[Id]:
    """`impl.collection_id`: that there is such a collection, at little cost."""
    return Query("SELECT impl.collection_id(%(c)s) AS id", {"c": collection}, Id, reads=True)


class PictureReaders(msgspec.Struct, frozen=True):
    """What reads the pictures of a collection: engine or captioner by kind."""

    picture_readers: dict[str, str]


def picture_readers(*, collection: str) -> Query[PictureReaders]:
    """The readers of a collection, without counting its items."""
    return Query(
        "SELECT c.picture_readers FROM core.collection AS c"
        " WHERE c.id = impl.collection_id(%(collection)s)",
        {"collection": collection},
        PictureReaders,
        reads=True,
    )


def collections() -> Query[Collection]:
    """The view `search.collections`."""
    return Query("SELECT * FROM search.collections ORDER BY collection", {}, Collection)


def alter_collection(
    *,
    name: str,
    analyzer: str | None = None,
    field_weights: dict[str, float] | None = None,
    picture_readers: dict[str, str] | None = None,
    k1: float | None = None,
    b: float | None = None,
) -> Query[Id]:
    """`ops.alter_collection`; None keeps what is."""
    return Query(
        "SELECT 0 AS id FROM ops.alter_collection(%(name)s, %(analyzer)s, %(field_weights)s,"
        " %(picture_readers)s, %(k1)s, %(b)s)",
        {
            "name": name,
            "k1": k1,
            "b": b,
            "analyzer": analyzer,
            "field_weights": None if field_weights is None else Jsonb(field_weights),
            "picture_readers": None if picture_readers is None else Jsonb(picture_readers),
        },
        Id,
    )


def create_collection(*, name: str, settings: NewCollection) -> Query[Id]:
    """`ops.create_collection`."""
    return Query(
        "SELECT ops.create_collection(%(name)s, %(analyzer)s, %(field_weights)s,"
        " %(identifier_fields)s, %(vector_sources)s, %(picture_readers)s) AS id",
        {
            "name": name,
            "analyzer": settings.analyzer,
            "field_weights": Jsonb(settings.field_weights),
            "identifier_fields": settings.identifier_fields,
            "vector_sources": Jsonb(settings.vector_sources),
            "picture_readers": Jsonb(settings.picture_readers),
        },
        Id,
    )


def delete_collection(*, name: str, count_only: bool = False) -> Query[Deleted]:
    """`ops.delete_collection`."""
    return Query(
        "SELECT * FROM ops.delete_collection(%(name)s, %(count_only)s)",
        {"name": name, "count_only": count_only},
        Deleted,
    )
