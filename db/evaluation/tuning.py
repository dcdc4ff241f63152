"""What tuning reads of runs and writes for collections: lists, profiles, decisions, rerankers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from psycopg.types.json import Jsonb

from db.calls.query import Count, Query
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of a run with every item that a leg listed; ids are None of what is gone."""

    query: str
    external_ids: list[str]
    item_ids: list[int | None]


class LegList(msgspec.Struct, frozen=True, kw_only=True):
    """What a leg gave to the items of an answer, and the spread of the scores of its whole list."""

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
    """How the legs of a collection are fused; a leg without a weight has 1, trees need none."""

    name: str
    method: Literal["rrf", "weighted", "lambdamart"]
    normalization: Literal["minmax", "zscore", "none"]
    k_rrf: int
    weights: dict[str, float]
    model: Trees | None = None

    @classmethod
    def from_row(cls, *, model: Any, **row: Any) -> Fusion:
        """From the columns of a row; `model` as JSON."""
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


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """The kind of a query, and whether the collection has an active profile for it."""

    query: str
    kind: QueryKind
    routed: bool


class SourceName(msgspec.Struct, frozen=True):
    """The name of a ground truth."""

    source: str


class _Id(msgspec.Struct, frozen=True):
    id: int


def answers(*, run_id: int) -> Query[Answer]:
    """The answers of a run."""
    return Query(statements("tuning")["answers"], {"run_id": run_id}, Answer)


def leg_lists(*, run_id: int) -> Query[LegList]:
    """The lists of a run, by leg in the order in which `search.hybrid` adds them up."""
    return Query(statements("tuning")["leg_lists"], {"run_id": run_id}, LegList)


def source(*, query_set: str, source: str | None = None) -> Query[SourceName]:
    """The judgments that are meant: those named, or the only ones of the set."""
    params = {"query_set": query_set, "source": source}
    return Query(statements("tuning")["source"], params, SourceName)


def kinds(*, run_id: int) -> Query[Kind]:
    """The kind of each query of a run."""
    return Query(statements("tuning")["kinds"], {"run_id": run_id}, Kind)


def live_fusion(*, collection: str, query_kind: QueryKind | None = None) -> Query[Fusion]:
    """How a collection fuses today, queries of a kind or (None) those without a profile of their own."""
    params = {"collection": collection, "query_kind": query_kind}
    return Query(statements("tuning")["live_fusion"], params, Fusion.from_row)


def retire_profile(*, collection: str, query_kind: QueryKind | None = None) -> Query[_Id]:
    """Make no profile the active one: for queries of a kind, or (None) of those without their own."""
    params = {"collection": collection, "query_kind": query_kind}
    return Query(statements("tuning")["retire_profile"], params, _Id)


def put_profile(
    *, collection: str, fusion: Fusion, note: str, query_kind: QueryKind | None = None
) -> Query[_Id]:
    """Write a profile and make it the active one; none may be, so call `retire_profile` first."""
    params: dict[str, Any] = {"collection": collection, "note": note, "query_kind": query_kind}
    params |= msgspec.structs.asdict(fusion)
    params["weights"] = Jsonb(fusion.weights)
    params["model"] = None if fusion.model is None else Jsonb(msgspec.to_builtins(fusion.model))
    return Query(statements("tuning")["put_profile"], params, _Id)


def put_decision(
    *,
    collection: str,
    kind: Literal["fusion", "rerank", "lexical"],
    run_id: int,
    source: str,
    measure: str,
    candidate: Mapping[str, Any],
    activated: bool,
    reason: str,
    figures: Mapping[str, Any],
) -> Query[_Id]:
    """Write a decision down."""
    params: dict[str, Any] = {
        "collection": collection,
        "kind": kind,
        "run_id": run_id,
        "source": source,
        "measure": measure,
        "candidate": Jsonb(dict(candidate)),
        "activated": activated,
        "reason": reason,
        "figures": Jsonb(dict(figures)),
    }
    return Query(statements("tuning")["put_decision"], params, _Id)


def decisions(*, collection: str | None = None) -> Query[Decision]:
    """The view `eval.decisions`, of all collections or of one; newest first."""
    return Query(
        "SELECT * FROM eval.decisions WHERE %(collection)s::text IS NULL"
        " OR collection = %(collection)s ORDER BY decision_id DESC",
        {"collection": collection},
        Decision,
    )


def item_texts(
    *, collection: str, external_ids: Sequence[str], item_fields: Sequence[str] | None = None
) -> Query[ItemText]:
    """The words of items: of the fields named, or of all that are searched."""
    params = {
        "collection": collection,
        "external_ids": list(external_ids),
        "item_fields": None if item_fields is None else Jsonb(list(item_fields)),
    }
    return Query(statements("tuning")["item_texts"], params, ItemText, reads=True)


def put_reranker(
    *,
    collection: str,
    decision_id: int,
    model: str,
    revision: str,
    top_n: int,
    blend: float,
    threshold: float | None,
) -> Query[Count]:
    """Put a reranker to use, in place of the one there was."""
    params = {
        "collection": collection,
        "decision_id": decision_id,
        "model": model,
        "revision": revision,
        "top_n": top_n,
        "blend": blend,
        "threshold": threshold,
    }
    return Query(statements("tuning")["put_reranker"], params, Count)


def reranker(*, collection: str) -> Query[Reranker]:
    """The reranker of a collection; no row where it has none."""
    return Query(statements("tuning")["reranker"], {"collection": collection}, Reranker, reads=True)


def drop_reranker(*, collection: str, model: str) -> Query[Count]:
    """Use a reranker no longer."""
    params = {"collection": collection, "model": model}
    return Query(statements("tuning")["drop_reranker"], params, Count)
