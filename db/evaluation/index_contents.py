"""What an inverted index was made of, as far as queries ask for it: to try other settings in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.query import Query
from db.evaluation.tuning import Bm25
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Sequence


class Index(Bm25, frozen=True, kw_only=True):
    """The live inverted index of a collection."""

    analyzer: str


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What a query looks for: the tokens of its text (field None), or of a field of its own item."""

    query: str
    own_id: int | None
    field: str | None
    tokens: list[str] | None


class FieldTerms(msgspec.Struct, frozen=True, kw_only=True):
    """A field of an item (None where it has none): tokens there are, and words asked for with counts."""

    item_id: int
    external_id: str
    field: str | None
    length: int
    terms: list[int]
    counts: list[int]


def index(*, collection: str) -> Query[Index]:
    """The settings of the live inverted index."""
    return Query(statements("tuning")["live_index"], {"collection": collection}, Index)


def words(*, run_id: int) -> Query[Words]:
    """What the lexical legs of a run look for, by query in the order of their ids."""
    return Query(statements("tuning")["words"], {"run_id": run_id}, Words)


def field_terms(
    *, collection: str, analyzer: str, words: Sequence[str], after_id: int, batch_n: int
) -> Query[FieldTerms]:
    """The next items after an id with what each field has of the words; by item and field."""
    params = {
        "collection": collection,
        "analyzer": analyzer,
        "words": list(words),
        "after_id": after_id,
        "batch_n": batch_n,
    }
    return Query(statements("tuning")["field_terms"], params, FieldTerms)
