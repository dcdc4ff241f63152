"""Wrappers of the evaluation: one per public function of the schema `eval`, and of its views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from psycopg.types.json import Jsonb

from db.calls.query import Count, Query
from db.evaluation.rows import (
    Answered,
    Blame,
    BlameShare,
    EvaluationRun,
    Finished,
    GroupShare,
    HardNegative,
    LanguageShare,
    LegShare,
    Metric,
    QueryMetric,
    RunMetric,
    Source,
    Started,
)
from db.search.legs import vector_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from db.rows import Leg


def start_run(
    *,
    collection: str,
    query_set: str,
    legs: Sequence[Leg] | None = None,
    k: int = 100,
    filter: str | None = None,
    profile: str | None = None,
    method: str | None = None,
    normalization: str | None = None,
    k_rrf: int | None = None,
    item_fields: Sequence[str] | None = None,
    label: str = "",
    code_version: str = "",
) -> Query[Started]:
    """`eval.start_run`; legs without vectors, None is the function's default, none: a foreign run."""
    params: dict[str, Any] = {
        "collection": collection,
        "query_set": query_set,
        "legs": None if legs is None else Jsonb(msgspec.to_builtins(legs)),
        "k": k,
        "filter": filter,
        "profile": profile,
        "method": method,
        "normalization": normalization,
        "k_rrf": k_rrf,
        "item_fields": None if item_fields is None else list(item_fields),
        "label": label,
        "code_version": code_version,
    }
    return Query(
        "SELECT eval.start_run(%(collection)s, %(query_set)s, impl.legs_from_json(%(legs)s), %(k)s,"
        " %(filter)s, %(profile)s, %(method)s, %(normalization)s, %(k_rrf)s, %(item_fields)s,"
        " %(label)s, %(code_version)s) AS run_id",
        params,
        Started,
    )


def answer(
    *,
    run_id: int,
    query_id: int,
    query_vecs: Mapping[str, str] | None = None,
    encode_ms: float | None = None,
) -> Query[Answered]:
    """`eval.answer`; `query_vecs` maps spaces to vectors in pgvector's text form."""
    return Query(
        "SELECT * FROM eval.answer(%(run_id)s, %(query_id)s, %(query_vecs)s, %(encode_ms)s)",
        {
            "run_id": run_id,
            "query_id": query_id,
            "query_vecs": None if query_vecs is None else Jsonb(dict(query_vecs)),
            "encode_ms": encode_ms,
        },
        Answered,
    )


def store_ranking(
    *, run_id: int, query: str, external_ids: Sequence[str], scores: Sequence[float]
) -> Query[Count]:
    """`eval.store_ranking`; returns how many items are kept."""
    return Query(
        "SELECT eval.store_ranking(%(run_id)s, %(query)s, %(external_ids)s, %(scores)s) AS n",
        {
            "run_id": run_id,
            "query": query,
            "external_ids": list(external_ids),
            "scores": list(scores),
        },
        Count,
    )


def finish_run(*, run_id: int) -> Query[Finished]:
    """`eval.finish_run`."""
    return Query("SELECT * FROM eval.finish_run(%(run_id)s)", {"run_id": run_id}, Finished)


def query_metrics(
    *, run_id: int, measures: Sequence[str] | None = None, source: str | None = None
) -> Query[QueryMetric]:
    """`eval.query_metrics`, in the order of the measures, then of the queries."""
    return Query(
        "SELECT * FROM eval.query_metrics(%(run_id)s, %(measures)s, %(source)s)",
        {
            "run_id": run_id,
            "measures": None if measures is None else list(measures),
            "source": source,
        },
        QueryMetric,
    )


def metrics(
    *,
    run_id: int,
    measures: Sequence[str] | None = None,
    source: str | None = None,
    by_category: bool = False,
) -> Query[Metric]:
    """`eval.metrics`."""
    return Query(
        "SELECT * FROM eval.metrics(%(run_id)s, %(measures)s, %(source)s, %(by_category)s)",
        {
            "run_id": run_id,
            "measures": None if measures is None else list(measures),
            "source": source,
            "by_category": by_category,
        },
        Metric,
    )


def blame(
    *, run_id: int, source: str | None = None, k: int = 10, min_grade: int = 1
) -> Query[Blame]:
    """`eval.blame`."""
    return Query(
        "SELECT * FROM eval.blame(%(run_id)s, %(source)s, %(k)s, %(min_grade)s)",
        {"run_id": run_id, "source": source, "k": k, "min_grade": min_grade},
        Blame,
    )


def blame_table(
    *, run_id: int, source: str | None = None, k: int = 10, min_grade: int = 1
) -> Query[BlameShare]:
    """`eval.blame_table`."""
    return Query(
        "SELECT * FROM eval.blame_table(%(run_id)s, %(source)s, %(k)s, %(min_grade)s)",
        {"run_id": run_id, "source": source, "k": k, "min_grade": min_grade},
        BlameShare,
    )


def leg_table(
    *, run_id: int, source: str | None = None, k: int = 10, min_grade: int = 1
) -> Query[LegShare]:
    """`eval.leg_table`."""
    return Query(
        "SELECT * FROM eval.leg_table(%(run_id)s, %(source)s, %(k)s, %(min_grade)s)",
        {"run_id": run_id, "source": source, "k": k, "min_grade": min_grade},
        LegShare,
    )


def language_table(
    *, run_id: int, source: str | None = None, k: int = 10, min_grade: int = 1
) -> Query[LanguageShare]:
    """`eval.language_table`."""
    return Query(
        "SELECT * FROM eval.language_table(%(run_id)s, %(source)s, %(k)s, %(min_grade)s)",
        {"run_id": run_id, "source": source, "k": k, "min_grade": min_grade},
        LanguageShare,
    )


def group_table(
    *, run_id: int, path: str, source: str | None = None, k: int = 10, min_grade: int = 1
) -> Query[GroupShare]:
    """`eval.group_table`; path is a key of the metadata, or keys parted by dots."""
    return Query(
        "SELECT * FROM eval.group_table(%(run_id)s, %(path)s, %(source)s, %(k)s, %(min_grade)s)",
        {"run_id": run_id, "path": path, "source": source, "k": k, "min_grade": min_grade},
        GroupShare,
    )


def run(*, run_id: int) -> Query[EvaluationRun]:
    """A row of the view `eval.runs`, or an error that names the run."""
    return Query(
        "SELECT * FROM eval.runs WHERE run_id = (impl.evaluation_run(%(run_id)s)).id",
        {"run_id": run_id},
        EvaluationRun,
    )


def runs(*, query_set: str | None = None) -> Query[EvaluationRun]:
    """The view `eval.runs`, of all sets or of one; oldest first."""
    return Query(
        "SELECT * FROM eval.runs WHERE %(query_set)s::text IS NULL OR query_set = %(query_set)s"
        " ORDER BY run_id",
        {"query_set": query_set},
        EvaluationRun,
    )


def run_metrics(*, query_set: str, source: str, measures: Sequence[str]) -> Query[RunMetric]:
    """Rows of the view `eval.run_metrics`: the finished runs of a set beside each other."""
    return Query(
        "SELECT m.* FROM eval.run_metrics AS m JOIN eval.run AS r ON r.id = m.run_id"
        " WHERE m.query_set = %(query_set)s AND m.source = %(source)s"
        " AND m.measure = ANY (%(measures)s) AND r.finished_at IS NOT NULL ORDER BY m.run_id",
        {"query_set": query_set, "source": source, "measures": list(measures)},
        RunMetric,
    )


def sources() -> Query[Source]:
    """The view `eval.sources`."""
    return Query("SELECT * FROM eval.sources ORDER BY query_set, source", {}, Source)


def drop_run(*, run_id: int) -> Query[Count]:
    """Forget a run with all its answers."""
    return Query(
        "DELETE FROM eval.run WHERE id = %(run_id)s RETURNING 1 AS n", {"run_id": run_id}, Count
    )


def hard_negatives(
    *,
    collection: str,
    query: str,
    space: str | None,
    query_vec: NDArray[np.float32] | None,
    positives: Sequence[int],
    n: int = 5,
    depth: int = 50,
    margin: float = 0.05,
) -> Query[HardNegative]:
    """`eval.hard_negatives`; `query_vec` float32 of shape (dim,), None: by words alone."""
    params: dict[str, Any] = {
        "collection": collection,
        "query": query,
        "space": space,
        "query_vec": None if query_vec is None else vector_text(query_vec),
        "positives": list(positives),
        "n": n,
        "depth": depth,
        "margin": margin,
    }
    return Query(
        "SELECT * FROM eval.hard_negatives(%(collection)s, %(query)s, %(space)s,"
        " %(query_vec)s, %(positives)s::bigint[], %(n)s, %(depth)s, %(margin)s)",
        params,
        HardNegative,
    )
