"""The steps of every tuning job: read the run, hold the candidate against its rivals, decide, record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from db.calls.query import fetch
from db.evaluation import evals, query_sets, tuning
from flows.evaluation import compare
from jobs.evaluation.guard import Contender, GuardDecision, decide, decide_no_worse
from jobs.tuning import validation
from jobs.tuning.lists import NotTunable, named_source, relevant
from jobs.tuning.measures import Measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from db.calls.query import Query
    from db.evaluation.rows import EvaluationRun
    from flows.evaluation.compare import Interval
    from jobs.tuning.lists import Lists
    from jobs.types import Conn, Floats

    Systems = Mapping[str, Floats]
    Change = Callable[[int, GuardDecision], Iterable[Query[Any]]]


Rival = Literal["better", "no worse"]


class StudyOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of every tuning job.

    Attributes:
        measure: the measure to improve, such as nDCG@10.
        source: which judgments; None where the set has one source.
        group: `linked`: queries with a relevant item in common, or that answer each other, are
            never on both sides of a fold; `query`: each stands for itself.
        splits: of the cross-validation.
        rival: the candidate must be `better` than the best single leg, or `no worse` (beyond a margin);
            better than the live fusion in any case.
    """

    measure: str = "nDCG@10"
    source: str | None = None
    group: validation.Grouping = "linked"
    splits: validation.Splits = validation.Splits()
    rival: Rival = "better"


class StudyReport(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a tuning job: means with intervals by system on held-out queries, and the decision."""

    run_id: int
    source: str
    measure: str
    queries: int
    groups: int
    means: dict[str, Interval]
    decision: GuardDecision
    decision_id: int


class Study(NamedTuple):
    """A finished run with judgments, to learn from; `groups` has the group of each judged query.

    `rival`: see `StudyOptions`.
    """

    run: EvaluationRun
    measure: Measure
    source: str
    groups: list[int]
    rival: Rival = "better"


def begin(conn: Conn, run_id: int, options: StudyOptions) -> Study:
    """Read a run.

    Raises:
        UnknownName: no such run or source.
        BadMeasure: the measure has no depth.
    """
    run = fetch(conn, evals.run(run_id=run_id))[0]
    measure = Measure.parse(options.measure)
    source = named_source(conn, run.query_set, options.source)
    truth = relevant(conn, run.query_set, source)
    own = {q.external_id: q.item for q in fetch(conn, query_sets.queries(query_set=run.query_set))}
    return Study(run, measure, source, validation.grouped(options.group, truth, own), options.rival)


def check_run(
    run: EvaluationRun, collection: str, lists: Lists, measure: Measure, legs: int = 2
) -> None:
    """Refuse a run that tells nothing about a collection.

    Raises:
        NotTunable: it is of another collection, or has fewer legs or items than are needed.
    """
    if run.collection != collection:
        raise NotTunable(f"run {run.run_id} is of the collection {run.collection}")
    if (n := len(lists.legs)) < legs:
        raise NotTunable(f"{n} legs of run {run.run_id} list anything: nothing to fuse")
    if measure.k > run.k:
        raise NotTunable(
            f"run {run.run_id} is {run.k} items deep, {measure} looks deeper", "run it with --k"
        )


def _decided(
    study: Study, queries: Sequence[str], candidate: Systems, legs: Systems, live: Systems
) -> GuardDecision:
    measure = str(study.measure)
    if study.rival == "no worse":
        ((_, held_out),), ((name, in_use),) = candidate.items(), live.items()
        gain = compare.compare(in_use, held_out, measure=measure)
        return decide_no_worse(held_out, legs, gain, name)
    best = max(legs, key=lambda leg: float(legs[leg].mean()))
    contenders = [
        Contender(name, dict(zip(queries, map(float, values), strict=True)))
        for name, values in (*candidate.items(), (best, legs[best]), *live.items())
    ]
    # Each value is by a fit that has not seen its query, so none was trained on.
    return decide(*contenders, trained_on=(), measure=measure)


def conclude(
    conn: Conn,
    study: Study,
    queries: Sequence[str],
    *,
    kind: Literal["fusion", "rerank", "lexical"],
    candidate: Systems,
    legs: Systems,
    live: Systems,
    others: Systems | None = None,
    described: Mapping[str, Any],
    activate: bool = True,
    figures: Mapping[str, Any] | None = None,
    change: Change,
) -> dict[str, Any]:
    """Decide by held-out values, record the decision and carry it out; all or nothing.

    Values are held-out and per query, (Q,), by name of the system. The best leg and the live system are
    the rivals of the candidate; `others` are only reported. `described` and `figures` are kept with the
    decision, and the queries of `change` carry it out, unless `activate` is False.

    Returns:
        The fields of a `StudyReport`.
    """
    decision = _decided(study, queries, candidate, legs, live)
    systems = {**legs, **live, **(others or {}), **candidate}
    means = {name: compare.interval(values) for name, values in systems.items()}
    carried_out = msgspec.structs.replace(decision, activate=decision.activate and activate)
    kept = {"means": means, **(figures or {}), "comparisons": decision.comparisons}
    put = tuning.put_decision(
        collection=study.run.collection,
        kind=kind,
        run_id=study.run.run_id,
        source=study.source,
        measure=str(study.measure),
        candidate=described,
        activated=carried_out.activate,
        reason=decision.reason,
        figures=msgspec.to_builtins(kept),
    )
    with conn.transaction():
        decision_id = fetch(conn, put)[0].id
        for query in change(decision_id, carried_out):
            fetch(conn, query)
    return {
        "run_id": study.run.run_id,
        "source": study.source,
        "measure": str(study.measure),
        "queries": len(queries),
        "groups": len(set(study.groups)),
        "means": means,
        "decision": decision,
        "decision_id": decision_id,
    }
