"""Contents of a lexical index, to try other BM25 settings in memory."""

from __future__ import annotations

import msgspec

from db.calls.call import statement
from db.evaluation.tuning import Bm25


class IndexSettings(Bm25, frozen=True, kw_only=True):
    """Settings of the live inverted index of a collection."""

    analyzer: str


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of a query: of its text (field None), or of a field of its own item."""

    query: str
    own_id: int | None
    field: str | None
    tokens: list[str] | None


class FieldTerms(msgspec.Struct, frozen=True, kw_only=True):
    """A field of an item (None where it has none): length in tokens, and counts of the requested words."""

    item_id: int
    external_id: str
    field: str | None
    length: int
    terms: list[int]
    counts: list[int]


# The settings of the live inverted index.
index = statement("tuning", "live_index", IndexSettings)
# What the lexical legs of a run look for, by query in the order of their ids.
words = statement("tuning", "words", Words)
# The next items after an id with the counts of the words in each field; by item and field.
field_terms = statement("tuning", "field_terms", FieldTerms)
