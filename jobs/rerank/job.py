"""Measure a reranker on a run's answers; put it to use only where the guard lets it through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.calls.query import fetch
from db.evaluation import evals, tuning
from encoders.rerank.blend import Blend, order
from jobs.evaluation import compare
from jobs.rerank.answers import found, scored
from jobs.tuning import validation
from jobs.tuning.decision import decided, groups_of, write_down
from jobs.tuning.fusion import single
from jobs.tuning.lists import NotTunable, check_enough, load, named_source, relevant
from jobs.tuning.measures import Measure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import psycopg

    from db.evaluation.rows import EvaluationRun
    from encoders.rerank.base import RerankerModel
    from jobs.evaluation.compare import Interval
    from jobs.evaluation.guard import Decision
    from jobs.rerank.answers import Answers
    from jobs.tuning.validation import Grouping

Floats = NDArray[np.float64]
SHARES = (0.25, 0.5, 0.75, 1.0)
# Thresholds tried: these quantiles of the best score that the reranker gives in a query.
QUANTILES = (0.25, 0.5)
CANDIDATE = "reranked"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to measure a reranker; `top_n` items are read per query, the rest as in `jobs.tuning`."""

    top_n: int = 20
    measure: str = "nDCG@10"
    source: str | None = None
    group: Grouping = "linked"
    splits: validation.Splits = validation.Splits()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: held-out means, milliseconds per query at the median, and the decision."""

    model: str
    queries: int
    means: dict[str, Interval]
    ms: float
    blend: Blend
    decision: Decision
    decision_id: int


def evaluate(
    conn: psycopg.Connection[Any],
    run_id: int,
    reranker: RerankerModel,
    options: Options,
    on_query: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Let a reranker read what a run found, validate its share on unseen queries, decide, write down.

    Args:
        conn: an autocommit connection.
        run_id: a finished run of the search as it is live, at least `top_n` items deep.
        reranker: what is measured.
        options: how.
        on_query: called after each query with how many are done, and how many there are.

    Raises:
        UnknownName: no such run or source.
        NotTunable: the run is not finished or not deep enough, or there are too few queries.
        BadMeasure: the measure has no depth.
    """
    run = fetch(conn, evals.run(run_id=run_id))[0]
    measure = Measure.parse(options.measure)
    depth = max(options.top_n, measure.k)
    if run.finished_at is None or run.k < depth:
        raise NotTunable(f"run {run_id} is not finished, or not {depth} items deep", "run it anew")
    source = named_source(conn, run.query_set, options.source)
    answers = found(conn, run, relevant(conn, run.query_set, source), depth)
    check_enough(sum(bool(text) for text in answers.texts))
    groups = groups_of(conn, run, source, options.group)
    read, ms = scored(conn, run.collection, reranker, answers, options.top_n, on_query)
    held_out, blend = _held_out(answers, read, measure, groups, options.splits)
    live = {f"run {run_id}": measure.of_grades(answers.grades[:, : measure.k], answers.best)}
    legs = _legs(conn, run, source, measure) or live
    decision = decided(answers.queries, {CANDIDATE: held_out}, legs, live, options.measure)
    systems = legs | live | {CANDIDATE: held_out}
    report = Report(
        model=reranker.spec.name,
        queries=len(answers.queries),
        means={name: compare.interval(by_query) for name, by_query in systems.items()},
        ms=ms,
        blend=blend,
        decision=decision,
        decision_id=0,
    )
    kept = _keep(conn, run, source, reranker, options, report)
    return msgspec.structs.replace(report, decision_id=kept)


def _held_out(
    answers: Answers,
    read: Floats,
    measure: Measure,
    groups: Sequence[int],
    splits: validation.Splits,
) -> tuple[Floats, Blend]:
    """Value per query under the blend that is best on the other folds; and the best blend of all."""
    blends = _blends(read)
    table = np.stack([_values(answers, read, blend, measure) for blend in blends])
    held_out = np.zeros(len(answers.queries))
    seeds = splits.seeds(len(answers.queries))
    for seed in seeds:
        for seen, unseen in validation.folds(groups, splits.outer, seed):
            held_out[unseen] += table[_best(table, seen), unseen] / len(seeds)
    return held_out, blends[_best(table, np.arange(len(answers.queries)))]


def _blends(read: Floats) -> list[Blend]:
    """What is tried, the least intrusive last; thresholds come from scores, never from judgments."""
    highest = np.max(read, axis=1, initial=-np.inf, where=~np.isnan(read))
    known = highest[np.isfinite(highest)]
    steps = [float(np.quantile(known, q)) for q in QUANTILES] if len(known) else []
    return [Blend(share, threshold) for share in SHARES for threshold in (None, *steps)]


def _values(answers: Answers, read: Floats, blend: Blend, measure: Measure) -> Floats:
    """Value per query of the new order: the items read, then the rest as they were."""
    n = read.shape[1]
    places = order(answers.base[:, :n], read, blend)
    grades = answers.grades.copy()
    grades[:, :n] = np.take_along_axis(answers.grades[:, :n], places, axis=1)
    return measure.of_grades(grades[:, : measure.k], answers.best)


def _best(table: Floats, rows: NDArray[np.intp]) -> int:
    return int(table[:, rows].mean(axis=1).argmax())


def _legs(
    conn: psycopg.Connection[Any], run: EvaluationRun, source: str, measure: Measure
) -> dict[str, Floats]:
    """The single legs of the run; none where it was made elsewhere."""
    if not run.legs:
        return {}
    lists = load(conn, run.run_id, source)
    return {f"leg {leg}": measure.of_scores(lists, single(lists, leg)) for leg in lists.legs}


def _keep(
    conn: psycopg.Connection[Any],
    run: EvaluationRun,
    source: str,
    reranker: RerankerModel,
    options: Options,
    report: Report,
) -> int:
    """Write the decision down; use the reranker, or no longer the one that failed; all or nothing."""
    spec, blend, decision = reranker.spec, report.blend, report.decision
    candidate: dict[str, Any] = {
        "model": spec.name,
        "revision": spec.revision,
        "top_n": options.top_n,
        "blend": blend.share,
        "threshold": blend.threshold,
    }
    with conn.transaction():
        decision_id = write_down(
            conn,
            run,
            kind="rerank",
            source=source,
            measure=options.measure,
            candidate=candidate,
            decision=decision,
            figures={"means": report.means, "ms": report.ms},
        )
        change = tuning.drop_reranker(collection=run.collection, model=spec.name)
        if decision.activate:
            change = tuning.put_reranker(
                collection=run.collection, decision_id=decision_id, **candidate
            )
        fetch(conn, change)
    return decision_id
