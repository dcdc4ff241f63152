"""Ground truth: word lists, pools and judgments."""

from __future__ import annotations

import msgspec

from db.calls.call import statement
from db.calls.query import Query
from db.calls.rows import Count


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
    """A judgment with its provenance: judge, pool and reason."""

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


# Words of every item: of the fields named, or (None) of all that are searched.
tokens = statement("groundtruth", "tokens", Tokens, json=("item_fields",), item_fields=None)
# Words of the queries that have a text.
query_tokens = statement("groundtruth", "query_tokens", Tokens)
# The first items of some runs, together.
pooled = statement("groundtruth", "pooled", Pooled)
# The judgments of a source with their provenance; none where the source is new.
judged = statement("groundtruth", "judged", Judged)
# Delete the judgments of a source.
drop = statement("groundtruth", "drop", Count)
# Write what two sources both hold to be relevant as another one, which is empty.
intersect = statement("groundtruth", "intersect", Count)
# The first picture of each item that has one.
first_pictures = statement("groundtruth", "first_pictures", ItemPicture)
# Queries that read like an item, word for word.
leaks = statement("groundtruth", "leaks", Leak)
_put = statement("groundtruth", "put", Count)


def put(*, query_set: str, source: str, judgment: Judged) -> Query[Count]:
    """Write a judgment, in place of the one there was."""
    return _put(query_set=query_set, source=source, **msgspec.structs.asdict(judgment))
