"""Samples of queries, errors and overlaps of legs, reranked answers: calls of `eval` and their rows."""

from __future__ import annotations

import msgspec

from db.calls.call import function, scalar, statement
from db.calls.rows import Count


class SampledQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.sampled_queries`: a query made from an item, and the items that answer it."""

    query: str
    text: str
    item: str
    stratum: str | None
    categories: list[str]
    relevant: list[str]


class SampleStored(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.store_sample`; `short`: queries fewer than asked for, `as_before` None: a new set."""

    queries: int
    strata: int
    short: int
    digest: str
    as_before: bool | None


class LegPair(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.leg_overlap`: relevant items of a leg, shared with another, apart from it."""

    leg: str
    other: str
    found: int
    shared: int
    apart: int
    jaccard: float | None


class Complementarity(msgspec.Struct, frozen=True, kw_only=True):
    """The row of `eval.complementarity`; recalls are in [0, 1], None without a judged query."""

    pairs: int
    queries: int
    found: int
    oracle: int
    several: int
    alone: int
    nowhere: int
    missed: int
    lifted: int
    recall: float | None
    oracle_recall: float | None
    best_leg: str | None
    best_recall: float | None


class LostQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.error_log`: a query, the item it lost, and the module that lost it; `total` in all."""

    query: str
    question: str
    categories: list[str]
    verdict: str
    external_id: str
    grade: int
    relevant: int
    found: int
    rank: int | None
    fused_rank: int | None
    leg: str | None
    leg_rank: int | None
    legs: dict[str, int | None] | None
    total: int


class GridCell(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.tuning_grid`: a weighting of the legs under a way of scaling, and its value."""

    weighting: int
    weights: dict[str, float]
    scaling: str
    value: float
    best: bool


class AnswerHead(msgspec.Struct, frozen=True, kw_only=True):
    """The first items of an answer with their fused scores, the best first."""

    external_ids: list[str]
    scores: list[float]


sampled_queries = function("eval.sampled_queries", SampledQuery, json=("recipe",))
# `recipe` None: the set's own.
store_sample = function("eval.store_sample", SampleStored, json=("recipe",))
leg_overlap = function("eval.leg_overlap", LegPair)
complementarity = function("eval.complementarity", Complementarity)
error_log = function("eval.error_log", LostQuery)
tuning_grid = function("eval.tuning_grid", GridCell)
# `places`: old ranks in the new order; how many items moved.
store_reranked = scalar("eval.store_reranked", Count)
use_reranker = statement("eval", "use_reranker", Count, json=("reranker",))
answer_head = statement("eval", "answer_head", AnswerHead)
