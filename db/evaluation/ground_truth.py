"""What ground truths are made from, and judgments written one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from psycopg.types.json import Jsonb

from db.calls.query import Count, Query
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Sequence


class Tokens(msgspec.Struct, frozen=True):
    """Words of an item or a query, as the lexical index sees them."""

    external_id: str
    tokens: list[str]


class Pooled(msgspec.Struct, frozen=True):
    """An item among the first of some runs."""

    query: str
    external_id: str
    runs: list[int]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A judgment with who made it, from which pool, and why."""

    query: str
    external_id: str
    grade: int
    judge: str | None = None
    pool: str | None = None
    reason: str | None = None


class ItemPicture(msgspec.Struct, frozen=True):
    """The first picture of an item."""

    external_id: str
    picture_id: int


class Leak(msgspec.Struct, frozen=True):
    """A query that reads like an item, word for word."""

    query: str
    external_id: str


def tokens(*, collection: str, item_fields: Sequence[str] | None = None) -> Query[Tokens]:
    """Words of every item: of the fields named, or of all that are searched."""
    fields = None if item_fields is None else Jsonb(list(item_fields))
    params = {"collection": collection, "item_fields": fields}
    return Query(statements("groundtruth")["tokens"], params, Tokens)


def query_tokens(*, collection: str, query_set: str) -> Query[Tokens]:
    """Words of the queries that have a text."""
    params = {"collection": collection, "query_set": query_set}
    return Query(statements("groundtruth")["query_tokens"], params, Tokens)


def pooled(*, runs: Sequence[int], depth: int) -> Query[Pooled]:
    """The first items of some runs, together."""
    params = {"runs": list(runs), "depth": depth}
    return Query(statements("groundtruth")["pooled"], params, Pooled)


def judged(*, query_set: str, source: str) -> Query[Judged]:
    """The judgments of a source with everything that is known of them; none where it is new."""
    params = {"query_set": query_set, "source": source}
    return Query(statements("groundtruth")["judged"], params, Judged)


def put(*, query_set: str, source: str, judgment: Judged) -> Query[Count]:
    """Write a judgment, in place of the one there was."""
    params = {"query_set": query_set, "source": source} | msgspec.structs.asdict(judgment)
    return Query(statements("groundtruth")["put"], params, Count)


def drop(*, query_set: str, source: str) -> Query[Count]:
    """Delete the judgments of a source."""
    params = {"query_set": query_set, "source": source}
    return Query(statements("groundtruth")["drop"], params, Count)


def intersect(*, query_set: str, source: str, first: str, second: str) -> Query[Count]:
    """Write what two sources both hold to be relevant as another one, which is empty."""
    params = {"query_set": query_set, "source": source, "first": first, "second": second}
    return Query(statements("groundtruth")["intersect"], params, Count)


def first_pictures(*, collection: str, external_ids: Sequence[str]) -> Query[ItemPicture]:
    """The first picture of each item that has one."""
    params = {"collection": collection, "external_ids": list(external_ids)}
    return Query(statements("groundtruth")["first_pictures"], params, ItemPicture)


def leaks(*, collection: str, query_set: str) -> Query[Leak]:
    """Queries that read like an item, word for word."""
    params = {"collection": collection, "query_set": query_set}
    return Query(statements("groundtruth")["leaks"], params, Leak)
