"""Query sets, judgments and rankings in a line each, and what they should come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.calls.query import fetch
from db.evaluation import evals, query_sets
from db.evaluation.rows import Judgment, QueryIn
from tests.sql.helpers import make_collection, put

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.sql.helpers import Conn

Qrels = dict[str, dict[str, int]]
Answers = dict[str, dict[str, float]]


def make_set(
    db: Conn,
    queries: Sequence[QueryIn] | Sequence[str],
    qrels: Mapping[str, Mapping[str, int]] | None = None,
    *,
    name: str = "set",
    source: str = "qrels",
) -> dict[str, int]:
    """Write a query set (strings are queries whose text is their id); ids by external_id."""
    set_id = fetch(db, query_sets.put_set(name=name))[0].id
    rows = [q if isinstance(q, QueryIn) else QueryIn(external_id=q, text=q) for q in queries]
    fetch(db, query_sets.put_queries(set_id=set_id, queries=rows))
    judgments = [Judgment(q, d, g) for q, docs in (qrels or {}).items() for d, g in docs.items()]
    if judgments:
        put_rows = query_sets.put_judgments(set_id=set_id, source=source, judgments=judgments)
        assert fetch(db, put_rows)[0].n == len(judgments)
    return {q.external_id: q.query_id for q in fetch(db, query_sets.queries(query_set=name))}


def foreign_run(db: Conn, answers: Mapping[str, Mapping[str, float]], **settings: Any) -> int:
    """Keep answers as a finished run of another system on the collection `parts`."""
    asked = {"collection": "parts", "query_set": "set", "legs": []} | settings
    run_id = fetch(db, evals.start_run(**asked))[0].run_id
    for query, scores in answers.items():
        store = evals.store_ranking(
            run_id=run_id, query=query, external_ids=list(scores), scores=list(scores.values())
        )
        fetch(db, store)
    fetch(db, evals.finish_run(run_id=run_id))
    return run_id


def own_run(db: Conn, **settings: Any) -> int:
    """Ask every query of the set in SQL, as an analyst would; returns the finished run."""
    run_id = fetch(db, evals.start_run(**({"collection": "parts", "query_set": "set"} | settings)))
    for query in fetch(db, query_sets.queries(query_set="set")):
        fetch(db, evals.answer(run_id=run_id[0].run_id, query_id=query.query_id))
    fetch(db, evals.finish_run(run_id=run_id[0].run_id))
    return run_id[0].run_id


def values(db: Conn, run_id: int, measures: Sequence[str], **more: Any) -> dict[str, list[float]]:
    """Per measure the value of each query, in the order of the queries."""
    table: dict[str, list[float]] = {}
    for row in fetch(db, evals.query_metrics(run_id=run_id, measures=list(measures), **more)):
        table.setdefault(row.measure, []).append(row.value)
    return table


def means(db: Conn, run_id: int, measures: Sequence[str], **more: Any) -> list[float]:
    """The mean of each measure."""
    found = fetch(db, evals.metrics(run_id=run_id, measures=list(measures), **more))
    assert [row.measure for row in found if row.category is None] == list(measures)
    return [row.value for row in found if row.category is None]


def items(db: Conn, fields: Mapping[str, str], **settings: Any) -> dict[str, int]:
    """Make the collection `parts` of items with a title each; item ids by external_id."""
    make_collection(db, **settings)
    return put(db, {key: {"title": title} for key, title in fields.items()})
