"""Tuning: lists of runs, fusion profiles, decisions and rerankers of collections."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from db.calls.call import statement
from db.calls.query import Query
from db.calls.rows import Count, Id


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of a run with every item that a leg listed; ids of deleted items are None."""

    query: str
    external_ids: list[str]
    item_ids: list[int | None]


class LegList(msgspec.Struct, frozen=True, kw_only=True):
    """Ranks and scores of a leg for the items of an answer, and the spread of all its scores."""

    query: str
    leg: str
    ranks: list[int | None]
    scores: list[float | None]
    low: float | None
    high: float | None
    deviation: float | None


class Trees(msgspec.Struct, frozen=True, kw_only=True):
    """Regression trees as arrays over their nodes, numbered from 1; see `impl.tree_scores`.

    Attributes:
        legs: by name; each has four features, one leg after the other: rank, score, minmax, zscore.
        width: how many features there are.
        roots: a node per tree.
        feature: what a node splits by; 0 is a leaf.
        threshold: values up to it go `left`, others `right`, none at all to `missing`.
        value: of a leaf.
    """

    legs: list[str]
    width: int
    roots: list[int]
    feature: list[int]
    threshold: list[float]
    left: list[int]
    right: list[int]
    missing: list[int]
    value: list[float]


class Fusion(msgspec.Struct, frozen=True, kw_only=True):
    """Fusion settings of a collection; a leg without a weight has 1, trees need none."""

    name: str
    method: Literal["rrf", "weighted", "lambdamart"]
    normalization: Literal["minmax", "zscore", "none"]
    k_rrf: int
    weights: dict[str, float]
    model: Trees | None = None

    @classmethod
    def from_row(cls, *, model: Any, **row: Any) -> Fusion:
        """Build from columns; `model` is decoded JSON."""
        return cls(model=None if model is None else msgspec.convert(model, Trees), **row)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `eval.decisions`."""

    decision_id: int
    collection: str
    kind: Literal["fusion", "rerank", "lexical"]
    activated: bool
    in_use: bool
    reason: str
    measure: str
    source: str
    candidate: dict[str, Any]
    figures: dict[str, Any]
    run_id: int | None
    decided_at: datetime


class ItemText(msgspec.Struct, frozen=True):
    """The words of an item; None where it has none."""

    external_id: str
    text: str | None


class Reranker(msgspec.Struct, frozen=True, kw_only=True):
    """The reranker of a collection; see `eval.reranker`."""

    model: str
    revision: str
    top_n: int
    blend: float
    threshold: float | None


class Bm25(msgspec.Struct, frozen=True, kw_only=True):
    """Constants of BM25 and weights of fields (1 where none is given) of an inverted index."""

    k1: float
    b: float
    field_weights: dict[str, float]


QueryKind = Literal["identifier", "formula", "text", "picture"]


class RoutedKind(msgspec.Struct, frozen=True, kw_only=True):
    """The kind of a query, whether the collection has an active profile for it, and who asks.

    `asked_by`: it is an item that has the metadata asked about.
    """

    query: str
    kind: QueryKind
    routed: bool
    asked_by: bool


class SourceName(msgspec.Struct, frozen=True):
    """The name of a ground truth."""

    source: str


# The answers of a run.
answers = statement("tuning", "answers", Answer)
# The lists of a run, by leg in the order in which `search.hybrid` adds them up.
leg_lists = statement("tuning", "leg_lists", LegList)
# The source of judgments: the named one, or the only one of the set.
source = statement("tuning", "source", SourceName, source=None)
# The kind of each query of a run.
kinds = statement("tuning", "kinds", RoutedKind, json=("asker",), asker=None)
# The fusion in use, for queries of a kind, those by items with some metadata (`asker`), or (both None) those
# without a profile of their own.
live_fusion = statement(
    "tuning", "live_fusion", Fusion.from_row, json=("asker",), query_kind=None, asker=None
)
# Make no profile the active one, of those that `live_fusion` tells apart.
retire_profile = statement(
    "tuning", "retire_profile", Id, json=("asker",), query_kind=None, asker=None
)
put_decision = statement("tuning", "put_decision", Id, json=("candidate", "figures"))
# Of all collections or of one, the newest first.
decisions = statement("tuning", "decisions", Decision, collection=None)
# The words of items: of the fields named, or (None) of all that are searched.
item_texts = statement(
    "tuning", "item_texts", ItemText, reads=True, json=("item_fields",), item_fields=None
)
# The words of one item, of all fields that are searched.
item_text = statement("tuning", "item_text", ItemText, reads=True)
# Put a reranker to use for searches by words, or `by_item`, in place of the one there was.
put_reranker = statement("tuning", "put_reranker", Count, by_item=False)
# No row where the collection has none.
reranker = statement("tuning", "reranker", Reranker, reads=True, by_item=False)
drop_reranker = statement("tuning", "drop_reranker", Count, by_item=False)
_put_profile = statement("tuning", "put_profile", Id, json=("weights", "model", "asker"))


def put_profile(
    *,
    collection: str,
    fusion: Fusion,
    note: str,
    query_kind: QueryKind | None = None,
    asker: dict[str, Any] | None = None,
) -> Query[Id]:
    """Write a profile and make it the active one; none may be, so call `retire_profile` first."""
    about = {"collection": collection, "note": note, "query_kind": query_kind, "asker": asker}
    return _put_profile(**about, **msgspec.structs.asdict(fusion))
