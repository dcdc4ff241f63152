"""What a search shows besides the ranking: pictures, passages that match, facets, keys worth filtering by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import Query
from db.rows import Facet, HybridHit
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class FoundPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a hit; its file and thumbnail are had by the id. Size in pixels."""

    picture_id: int
    role: str
    width: int
    height: int


class Found(HybridHit, frozen=True, kw_only=True):
    """A hit with its first pictures and, where asked for, its best passage per field.

    Passages are HTML: the text is escaped, words of the query stand in `<mark>`.
    """

    pictures: list[FoundPicture]
    highlights: dict[str, str] | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def from_row(
        cls,
        *,
        legs: Mapping[str, Any],
        pictures: Any = (),
        highlights: dict[str, str] | None = None,
        **row: Any,
    ) -> Found:
        """Build from the columns of the query, `legs` and the like being decoded JSON."""
        ranked = HybridHit.from_row(legs=legs, **row)
        return cls(
            **msgspec.structs.asdict(ranked),
            pictures=msgspec.convert(pictures, list[FoundPicture]),
            highlights=msgspec.UNSET if highlights is None else highlights,
        )


class FieldFacet(msgspec.Struct, frozen=True, kw_only=True):
    """The facets of one metadata key."""

    field: str
    values: list[Facet]

    @classmethod
    def from_row(cls, *, field: str, values: Any) -> FieldFacet:
        """Build from the columns of the query, `values` being decoded JSON."""
        return cls(field=field, values=msgspec.convert(values, list[Facet]))


class MetadataKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of the metadata, and in how many of the items looked at it stands with how many values."""

    field: str
    items: int
    distinct: int


def found(ranking: Query[HybridHit], *, marked: str | None = None) -> Query[Found]:
    """A ranking with pictures, in one statement.

    Args:
        ranking: what `db.search.functions.hybrid` made.
        marked: words to mark in the passages of each hit; None: no passages.
    """
    return Query(
        "WITH hit AS MATERIALIZED (" + ranking.statement + ") " + statements("found")["shown"],
        {**ranking.params, "marked": marked},
        Found.from_row,
        reads=True,
    )


def facets_of(
    *,
    collection: str,
    query: str | None,
    fields: Sequence[str],
    filter: str | None = None,
    top_n: int = 50,
) -> Query[FieldFacet]:
    """`search.facets` for several keys; one row each, in their order."""
    params = {
        "collection": collection,
        "query": query,
        "fields": list(fields),
        "filter": filter,
        "top_n": top_n,
    }
    return Query(statements("found")["facets"], params, FieldFacet.from_row, reads=True)


def metadata_keys(*, collection: str, sample_n: int = 500) -> Query[MetadataKey]:
    """Keys in the metadata of some items, those that most of them have first."""
    params = {"collection": collection, "sample_n": sample_n}
    return Query(statements("found")["metadata_keys"], params, MetadataKey, reads=True)


class Likeable(msgspec.Struct, frozen=True, kw_only=True):
    """An item, and the live spaces in which it has vectors to be like."""

    item_id: int
    spaces: list[str]


def likeable(*, collection: str, item_ids: Sequence[int]) -> Query[Likeable]:
    """Those of the items that the collection has."""
    params = {"collection": collection, "item_ids": list(item_ids)}
    return Query(statements("found")["likeable"], params, Likeable)
