"""Spaces of kind sparse: vocabularies, chunks, and the tokens that met."""

from __future__ import annotations

import msgspec
from pgvector import HalfVector

from db.calls.call import function, scalar, statement
from db.calls.rows import Count, Done
from db.operations.lexical_index import MergeStep


class WeightMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.weight_matches`: a token of both the query and an item; the products are the score.

    `in_words`: whether the item's text has it, None where the text was changed since (`stale`).
    """

    token: str
    query_weight: float
    item_weight: float
    contribution: float
    in_words: bool | None
    source: str
    part_no: int
    stale: bool


class SparseHit(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.sparse`."""

    item_id: int
    rank: int
    score: float
    source: str
    part_no: int
    path: str


class PackedQuery(msgspec.Struct, frozen=True):
    """A query of tokens and weights as legs carry it, see `impl.packed`."""

    vec: HalfVector


sparse = function("search.sparse", SparseHit, reads=True)
weight_matches = function("search.weight_matches", WeightMatch, reads=True)
sparse_query = scalar("search.sparse_query", PackedQuery, reads=True, json=("weights",))
# The count is that of the tokens stored.
keep_vocabulary = scalar("ops.keep_vocabulary", Count, json=("tokenizer",))
merge = function("ops.merge_weights", MergeStep)
# Whether the vocabulary of a space is stored.
known = statement("embed", "vocabulary_known", Done)
