"""Measuring a reranker on a run's answers; it goes live only where the guard lets it through."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from db.evaluation import tuning
from encoders.rerank.blend import Blend, order
from encoders.settings import EncoderSettings
from flows.local import Local
from jobs.rerank.answers import read_answers, score
from jobs.tuning import study, validation
from jobs.tuning.lists import NotTunable, check_enough, load, relevant
from jobs.tuning.measures import singles
from jobs.tuning.study import StudyOptions, StudyReport
from jobs.types import Conn, OnShare, silent

if TYPE_CHECKING:
    from db.calls.query import Query
    from encoders.rerank.base import RerankerModel
    from jobs.evaluation.guard import GuardDecision
    from jobs.rerank.answers import Answers
    from jobs.tuning.measures import Measure
    from jobs.types import Floats, Rows

SHARES = (0.25, 0.5, 0.75, 1.0)
# Thresholds tried: these quantiles of the best score that the reranker gives in a query.
QUANTILES = (0.25, 0.5)


class RerankOptions(StudyOptions, frozen=True, kw_only=True):
    """Options of measuring a reranker; `top_n` items are read per query.

    `by_item`: for searches by an item, on the queries that are items, instead of for words.
    """

    top_n: int = 20
    by_item: bool = False


class RerankReport(StudyReport, frozen=True, kw_only=True):
    """Result of measuring a reranker; `ms` milliseconds per query at the median."""

    model: str
    ms: float
    blend: Blend


def evaluate(
    conn: Conn,
    run_id: int,
    reranker: RerankerModel,
    options: RerankOptions,
    on_query: OnShare = silent,
    encoders: EncoderSettings | None = None,
) -> RerankReport:
    """Let a reranker read the answers of a run, validate its share on unseen queries, decide, record.

    The run is of the search as it is live, finished, and at least `top_n` items deep.

    Raises:
        UnknownName: no such run or source.
        NotTunable: the run is not finished or not deep enough, or there are too few queries.
        BadMeasure: the measure has no depth.
    """
    begun = study.begin(conn, run_id, options)
    run, measure = begun.run, begun.measure
    depth = max(options.top_n, measure.k)
    if run.finished_at is None or run.k < depth or "reranker" in run.settings:
        raise NotTunable(f"run {run_id} is open, reranked or not {depth} items deep", "run it anew")
    truth = relevant(conn, run.query_set, begun.source)
    answers = read_answers(conn, run, truth, depth, by_item=options.by_item)
    check_enough(sum(bool(text) for text in answers.texts))
    used = _used(reranker, options.top_n)
    read, ms = score(_with(conn, encoders, used, reranker), run.collection, used, answers, on_query)
    blends = _blends(read)
    table = np.stack([_values(answers, read, blend, measure) for blend in blends])
    best = partial(_best, table)
    held_out = validation.held_out(begun.groups, options.splits, best, lambda at: table[at])
    blend = blends[best(np.arange(len(answers.queries)))]
    described = _described(reranker, options, blend)
    live = {f"run {run_id}": measure.of_grades(answers.grades[:, : measure.k], answers.best)}
    concluded = study.conclude(
        conn,
        begun,
        answers.queries,
        kind="rerank",
        candidate={"reranked": held_out},
        legs=(singles(load(conn, run_id, begun.source), measure) if run.legs else {}) or live,
        live=live,
        described=described,
        figures={"ms": ms},
        change=_change(run.collection, described),
    )
    return RerankReport(**concluded, model=used.model, ms=ms, blend=blend)


def _used(reranker: RerankerModel, top_n: int) -> tuning.Reranker:
    """The reranker as a collection that used it would have it, alone and at once."""
    spec = reranker.spec
    return tuning.Reranker(
        model=spec.name, revision=spec.revision, top_n=top_n, blend=1.0, threshold=None
    )


def _with(
    conn: Conn, encoders: EncoderSettings | None, used: tuning.Reranker, reranker: RerankerModel
) -> Local:
    """Runner of flows that has the reranker loaded."""
    local = Local(conn, encoders or EncoderSettings())
    local.keep(used, reranker)
    return local


def _described(reranker: RerankerModel, options: RerankOptions, blend: Blend) -> dict[str, Any]:
    """The reranker with its settings, as `eval.reranker` and decisions keep it."""
    return {
        "model": reranker.spec.name,
        "revision": reranker.spec.revision,
        "top_n": options.top_n,
        "by_item": options.by_item,
        "blend": blend.share,
        "threshold": blend.threshold,
    }


def _change(collection: str, described: dict[str, Any]) -> study.Change:
    """Use the reranker, or no longer the one that failed."""

    def change(decision_id: int, decision: GuardDecision) -> list[Query[Any]]:
        if not decision.activate:
            failed = {name: described[name] for name in ("model", "by_item")}
            return [tuning.drop_reranker(collection=collection, **failed)]
        about: dict[str, Any] = {"collection": collection, "decision_id": decision_id}
        return [tuning.put_reranker(**about, **described)]

    return change


def _blends(read: Floats) -> list[Blend]:
    """The blends to try; thresholds come from scores, never from judgments."""
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


def _best(table: Floats, rows: Rows) -> int:
    return int(table[:, rows].mean(axis=1).argmax())
