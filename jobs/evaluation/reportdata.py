"""Data of an evaluation report about one run or two, read from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from db.calls.query import fetch
from db.evaluation import evals, query_sets
from encoders.settings import EncoderSettings
from flows.evaluation import compare, depth
from flows.evaluation.compare import Interval, NotComparable
from flows.local import Local

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from db.evaluation.rows import (
        Blame,
        BlameShare,
        EvaluationRun,
        GroupShare,
        LanguageShare,
        LegShare,
        Metric,
        QueryMetric,
        QueryRow,
        Refused,
        RunMetric,
    )
    from flows.evaluation.compare import Change, Comparison

WORST = 25
# The measure that orders queries, and that the plot of latency shows.
LEADING = "nDCG@10"
MEASURES = (LEADING, "R@5", "R@10", "P@5", "Success@5", "RR@10", "AP", "Judged@10")


class RunData(msgspec.Struct, frozen=True, kw_only=True):
    """A run: its settings, its measures with intervals, and where relevant items were lost.

    cut: the rank at which measures without a depth stop; None where they see all that is kept.
    """

    run: EvaluationRun
    measures: dict[str, Interval]
    queries: int
    categories: list[Metric]
    blame: list[BlameShare]
    legs: list[LegShare]
    languages: list[LanguageShare]
    groups: list[GroupShare]
    refused: list[Refused]
    cut: int | None


class WorstQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query with a low value: its value in each run, and the rank of each relevant item."""

    query: QueryRow
    values: list[float]
    relevant: list[Blame]


class ReportData(msgspec.Struct, frozen=True, kw_only=True):
    """All data of a report; with two runs, `comparisons` and `changes` are second minus first."""

    source: str
    k: int
    group_by: str | None
    runs: list[RunData]
    comparisons: list[Comparison]
    changes: list[Change]
    peers: list[RunMetric]
    worst: list[WorstQuery]
    titles: dict[str, str]


def collect(
    conn: psycopg.Connection[Any],
    run_ids: Sequence[int],
    *,
    source: str | None = None,
    measures: Sequence[str] = MEASURES,
    k: int = 10,
    group_by: str | None = None,
) -> ReportData:
    """Read a report's data.

    Args:
        conn: a connection.
        run_ids: one run, or two of the same query set; the worst queries are the last one's.
        source: which ground truth; None where the set has one.
        measures: the first is the one that queries are ordered by.
        k: how many hits of an answer count as found.
        group_by: a key of the metadata that items are grouped by, such as `maker`.

    Raises:
        UnknownName: no such run or source.
        NotComparable: the runs are not of one set, or one is not finished.
    """
    metrics = [_metrics(conn, run, measures, source) for run in run_ids]
    runs = [
        _run_data(conn, run, rows, source, measures, k, group_by)
        for run, rows in zip(run_ids, metrics, strict=True)
    ]
    if any(data.run.finished_at is None for data in runs):
        raise NotComparable("a run was never finished", "run it again")
    compared = {}
    if len(run_ids) == 2:
        comparing = compare.compare_runs(run_ids[0], run_ids[1], measures, source)
        compared = Local(conn, EncoderSettings()).run(comparing)
    last = runs[-1].run
    named = source or _only_source(conn, last.query_set)
    worst = _worst(conn, run_ids[-1], last.query_set, metrics, source, k)
    items = sorted({row.external_id for bad in worst for row in bad.relevant})
    titles = fetch(conn, query_sets.titles(collection=last.collection, external_ids=items))
    peers = evals.run_metrics(query_set=last.query_set, source=named, measures=[measures[0]])
    return ReportData(
        source=named,
        k=k,
        group_by=group_by,
        runs=runs,
        comparisons=[found for found, _ in compared.values()],
        changes=compared[measures[0]][1] if compared else [],
        peers=fetch(conn, peers),
        worst=worst,
        titles={title.external_id: title.title for title in titles},
    )


def _metrics(
    conn: psycopg.Connection[Any], run: int, measures: Sequence[str], source: str | None
) -> list[QueryMetric]:
    return fetch(conn, evals.query_metrics(run_id=run, measures=measures, source=source))


def _run_data(
    conn: psycopg.Connection[Any],
    run_id: int,
    rows: Sequence[QueryMetric],
    source: str | None,
    measures: Sequence[str],
    k: int,
    group_by: str | None,
) -> RunData:
    values = {
        measure: np.array([row.value for row in rows if row.measure == measure])
        for measure in measures
    }
    categories = evals.metrics(
        run_id=run_id, measures=[measures[0]], source=source, by_category=True
    )
    return RunData(
        run=fetch(conn, evals.run(run_id=run_id))[0],
        measures={measure: compare.interval(found) for measure, found in values.items()},
        queries=len(values[measures[0]]),
        categories=[row for row in fetch(conn, categories) if row.category is not None],
        blame=fetch(conn, evals.blame_table(run_id=run_id, source=source, k=k)),
        legs=fetch(conn, evals.leg_table(run_id=run_id, source=source, k=k)),
        languages=fetch(conn, evals.language_table(run_id=run_id, source=source, k=k)),
        groups=[]
        if group_by is None
        else fetch(conn, evals.group_table(run_id=run_id, path=group_by, source=source, k=k)),
        refused=fetch(conn, query_sets.refused(run_id=run_id)),
        cut=depth.cuts(fetch(conn, query_sets.cut(run_ids=[run_id]))).get(run_id),
    )


def _only_source(conn: psycopg.Connection[Any], query_set: str) -> str:
    found = [row.source for row in fetch(conn, evals.sources()) if row.query_set == query_set]
    return found[0] or ""


def _worst(
    conn: psycopg.Connection[Any],
    run_id: int,
    query_set: str,
    metrics: Sequence[Sequence[QueryMetric]],
    source: str | None,
    k: int,
) -> list[WorstQuery]:
    """Return the queries with the lowest values; among equals those with more relevant items first."""
    leading = metrics[0][0].measure
    values = [
        {row.query_id: row.value for row in rows if row.measure == leading} for rows in metrics
    ]
    relevant: dict[int, list[Blame]] = {}
    for row in fetch(conn, evals.blame(run_id=run_id, source=source, k=k)):
        relevant.setdefault(row.query_id, []).append(row)
    queries = {
        query.query_id: query for query in fetch(conn, query_sets.queries(query_set=query_set))
    }
    missed = [query for query in relevant if values[-1][query] < 1]
    missed.sort(key=lambda query: (values[-1][query], -len(relevant[query]), query))
    return [
        WorstQuery(
            query=queries[query],
            values=[by_query[query] for by_query in values],
            relevant=relevant[query],
        )
        for query in missed[:WORST]
    ]
