"""Rows of the evaluation: queries, judgments, runs and metrics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec


class QueryIn(msgspec.Struct, frozen=True, kw_only=True):
    """A query to write: a text, the external_id of an item, a stored picture, or several."""

    external_id: str
    text: str | None = None
    item: str | None = None
    picture_id: int | None = None
    categories: list[str] = []


class Judgment(msgspec.Struct, frozen=True):
    """The grade of an item for a query, both by external_id; above 0 is relevant. `reason`: in words."""

    query: str
    external_id: str
    grade: int
    reason: str | None = None


def judgment_columns(judgments: Sequence[Judgment]) -> dict[str, list[Any]]:
    """Arrange judgments in columns, as statements take them: `queries`, `external_ids`, `grades`."""
    return {
        "queries": [j.query for j in judgments],
        "external_ids": [j.external_id for j in judgments],
        "grades": [j.grade for j in judgments],
    }


class QueriesWritten(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of new and of changed queries."""

    inserted: int
    updated: int


class QueryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.query`."""

    query_id: int
    external_id: str
    text: str | None
    item: str | None
    picture_id: int | None
    categories: list[str]


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a query, as deep as its run: items best first, with their scores."""

    query_id: int
    query: str
    external_ids: list[str]
    scores: list[float]


class VectorWanted(msgspec.Struct, frozen=True, kw_only=True):
    """A vector that a run needs and that is not stored."""

    query_id: int
    space: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A query that could not be answered, and the reason."""

    query: str
    error: str


class Started(msgspec.Struct, frozen=True):
    """The id of a run, by `eval.start_run`."""

    run_id: int


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.answer`: items found by any leg, milliseconds of the search."""

    items: int
    search_ms: float


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.finish_run`."""

    queries: int
    answered: int
    failed: int


class QueryMetric(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.query_metrics`; `query` is its external_id, value in [0, 1]."""

    query_id: int
    query: str
    categories: list[str]
    measure: str
    value: float


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.metrics`: the mean of a measure; category None = over all queries."""

    measure: str
    category: str | None
    queries: int
    value: float


class MeasuredRankings(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.measure_rankings`: the mean of a measure over so many rankings."""

    measure: str
    queries: int
    value: float


class Blame(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.blame`: a relevant item, its ranks in the answer, and what lost it."""

    query_id: int
    query: str
    external_id: str
    grade: int
    verdict: str
    rank: int | None
    fused_rank: int | None
    leg: str | None
    leg_rank: int | None
    legs: dict[str, int | None] | None


class BlameShare(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.blame_table`; share of all relevant items, in [0, 1]."""

    verdict: str
    pairs: int
    queries: int
    share: float


class LegShare(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.leg_table`: relevant items by where a leg has them."""

    leg: str
    pairs: int
    first_k: int
    deeper: int
    lost: int
    alone: int


class LanguageShare(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.language_table`; languages are ko, en and other, share is found / pairs."""

    query_language: str
    item_language: str
    pairs: int
    queries: int
    found: int
    share: float


class GroupShare(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.group_table`; items: how many of the collection have the value."""

    value: str
    band: str
    items: int
    pairs: int
    queries: int
    found: int
    share: float


class EvaluationRun(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `eval.runs`; times are milliseconds per query."""

    run_id: int
    query_set: str
    collection: str
    label: str
    legs: list[dict[str, Any]]
    settings: dict[str, Any]
    profile: str | None
    encoders: dict[str, str]
    k: int
    code_version: str
    search_p50_ms: float | None
    search_p95_ms: float | None
    encode_p50_ms: float | None
    encode_p95_ms: float | None
    started_at: datetime
    finished_at: datetime | None


class Cut(msgspec.Struct, frozen=True):
    """A run and the rank at which its measures without a depth stop."""

    run_id: int
    k: int


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `eval.sources`: a query set and one of its ground truths.

    `implicit`: it was made of clicks, and is no person's.
    """

    query_set: str
    source: str | None
    queries: int
    judged_queries: int
    judgments: int
    relevant: int
    highest_grade: int | None
    recipe: dict[str, Any] | None
    implicit: bool


class HistoryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.history`: an evaluation by one measure, with its 95 % interval (None: one query)."""

    run_id: int
    collection: str
    label: str
    profile: str | None
    started_at: datetime
    queries: int
    value: float
    low: float | None
    high: float | None


class RunMetric(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `eval.run_metrics`."""

    run_id: int
    query_set: str
    collection: str
    label: str
    source: str
    measure: str
    queries: int
    value: float
    search_p50_ms: float | None
    search_p95_ms: float | None


class Title(msgspec.Struct, frozen=True, kw_only=True):
    """A few words of an item, for people."""

    external_id: str
    title: str


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """An item with its searchable texts."""

    external_id: str
    fields: dict[str, str]


class HardNegative(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.hard_negatives`; ranks are None where a leg did not list the item."""

    item_id: int
    rank: int
    lexical_rank: int | None
    vector_rank: int | None
    similarity: float | None
