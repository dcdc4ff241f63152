"""The first items of a run's answers, score by a reranker."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from db.calls.query import fetch
from db.evaluation import query_sets, tuning
from flows.search.rerank import item_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.rows import EvaluationRun
    from db.evaluation.tuning import Reranker
    from flows.local import Local
    from jobs.tuning.lists import Grades
    from jobs.types import Conn, Floats, OnShare


class Answers(NamedTuple):
    """Judged queries with the first items of their answers, the best first; NaN and 0 are padding.

    Attributes:
        queries: external ids, Q.
        texts: what each asks with; empty where it is not of the kind that is measured.
        ids: items per query.
        base: scores of the search, float64 (Q, M).
        grades: float64 (Q, M).
        best: all positive grades of the query, the highest first, float64 (Q, J).
    """

    queries: list[str]
    texts: list[str]
    ids: list[list[str]]
    base: Floats
    grades: Floats
    best: Floats


def read_answers(
    conn: Conn, run: EvaluationRun, truth: Grades, depth: int, *, by_item: bool = False
) -> Answers:
    """Read the answers to the judged queries, at most `depth` items deep.

    Queries by words have texts, or those by item, whose text is the item's.
    """
    rows = {row.query: row for row in fetch(conn, query_sets.rankings(run_id=run.run_id))}
    ids = [rows[query].external_ids[:depth] if query in rows else [] for query in truth]
    base, grades = np.full((len(truth), depth), np.nan), np.zeros((len(truth), depth))
    best = np.zeros((len(truth), max(map(len, truth.values()), default=0)))
    for at, (query, judged) in enumerate(truth.items()):
        if ids[at]:
            base[at, : len(ids[at])] = rows[query].scores[:depth]
        grades[at, : len(ids[at])] = [max(judged.get(item, 0), 0) for item in ids[at]]
        best[at, : len(judged)] = sorted((max(g, 0) for g in judged.values()), reverse=True)
    texts = _query_texts(conn, run, truth, by_item=by_item)
    return Answers(list(truth), texts, ids, base, grades, best)


def _query_texts(conn: Conn, run: EvaluationRun, truth: Grades, *, by_item: bool) -> list[str]:
    """The text of each query; empty for those of another kind, which keep the order that they have."""
    queries = {q.external_id: q for q in fetch(conn, query_sets.queries(query_set=run.query_set))}
    if not by_item:
        return [queries[query].text or "" for query in truth]
    items = {q: queries[q].item for q in truth if queries[q].text is None}
    texts = _texts(conn, run.collection, [item for item in items.values() if item is not None])
    return [texts.get(items.get(query) or "", "") for query in truth]


def _texts(conn: Conn, collection: str, ids: Sequence[str]) -> dict[str, str]:
    ask = tuning.item_texts(collection=collection, external_ids=ids)
    return {row.external_id: row.text or "" for row in fetch(conn, ask)}


def score(
    local: Local, collection: str, used: Reranker, answers: Answers, on_query: OnShare
) -> tuple[Floats, float]:
    """Score the first items as a search does: scores (Q, top_n), and the median of ms per query."""
    read = np.full((len(answers.queries), used.top_n), np.nan)
    times = []
    for at, (text, ids) in enumerate(zip(answers.texts, answers.ids, strict=True)):
        started = time.perf_counter()
        if ids and text:
            found = local.run(item_scores(collection, used, text, ids[: used.top_n]))
            read[at, : len(found.scores)] = found.scores
            times.append(1000 * (time.perf_counter() - started))
        on_query(at + 1, len(answers.queries))
    return read, float(np.median(times)) if times else 0.0
