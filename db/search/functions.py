"""The search functions as typed queries; keyword arguments are those of the function in docs/sql-api.md."""

from __future__ import annotations

import msgspec

from db.calls.call import function, scalar
from db.search.rows import (
    CitedItem,
    Correction,
    Facet,
    Highlight,
    HybridHit,
    IdentifierHit,
    Leg,
    LegReport,
    LexicalHit,
    MetWord,
    PhraseHit,
    QueryKind,
    Recall,
    VectorHit,
    VectorState,
)
from db.sqlfiles import statements

DEFAULT_LEGS = (Leg(kind="lexical"), Leg(kind="identifier"))


class FoundWords(msgspec.Struct, frozen=True):
    """Whether a query finds anything by its words."""

    found: bool


class FacetKey(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.facet_keys`: how many of the sampled items have the key, with how many values."""

    field: str
    items: int
    kinds: int


lexical = function("search.lexical", LexicalHit, reads=True)
phrase = function("search.phrase", PhraseHit, reads=True)
finds_words = scalar("impl.finds_words", FoundWords, reads=True)
facets = function("search.facets", Facet, reads=True)
facet_keys = function("search.facet_keys", FacetKey, reads=True)
highlight = function("search.highlight", Highlight, reads=True)
met_words = function("search.met_words", MetWord, reads=True)
identifier = function("search.identifier", IdentifierHit, reads=True)
citations = function("search.citations", CitedItem)
correct = function("search.correct", Correction.from_row, reads=True)
semantic = function("search.semantic", VectorHit, reads=True)
like_items = function("search.like_items", VectorHit, reads=True)
request_vector = scalar("search.request_vector", VectorState)
measure_recall = function("search.measure_recall", Recall)
query_kind = scalar("search.query_kind", QueryKind)
explain_hybrid = function("search.explain_hybrid", LegReport, reads=True)
# Joined to the items; legs None are the function's default.
by_item = function(
    "search.by_item",
    HybridHit.from_row,
    within=statements("results")["with_items"],
    reads=True,
    json=("shape",),
)
# Both rankings that a live test drafts from, where each is reranked before.
draft_sides = function(
    "search.draft_sides",
    HybridHit.from_row,
    within=statements("results")["with_items"],
    reads=True,
    json=("shape",),
)
# Drafted from two fusions, for live tests.
interleaved = function(
    "search.interleaved",
    HybridHit.from_row,
    within=statements("results")["with_items"],
    reads=True,
    json=("shape",),
)
hybrid = function(
    "search.hybrid",
    HybridHit.from_row,
    within=statements("results")["with_items"],
    reads=True,
    json=("shape",),
)
