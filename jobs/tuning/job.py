"""Tune how a collection fuses its legs; put it to use only where the guard lets it through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.calls.query import fetch
from db.evaluation import evals, tuning
from db.evaluation.tuning import QueryKind  # noqa: TC001
from jobs.evaluation import compare
from jobs.tuning import validation
from jobs.tuning.decision import decided, groups_of, write_down
from jobs.tuning.fusion import single
from jobs.tuning.lists import NotTunable, check_enough, load, named_source
from jobs.tuning.measures import Measure, values
from jobs.types import Conn, OnShare, silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from db.evaluation.rows import EvaluationRun
    from db.evaluation.tuning import Fusion
    from jobs.evaluation.compare import Interval
    from jobs.evaluation.guard import Decision
    from jobs.tuning.lists import Lists

Floats = NDArray[np.float64]
CANDIDATE = "tuned"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to tune.

    Attributes:
        measure: what is to become better, such as nDCG@10.
        source: which judgments; None where the set has one source.
        group: `linked`: queries with a relevant item in common, or that answer each other, are
            never on both sides of a fold; `query`: each stands for itself.
        splits: of the cross-validation.
        kind: only from queries of this kind, a profile for these alone; None: from all that have no
            active profile of their own.
        trees: learn trees as well (LambdaMART).
        activate: False only tells what it would do.
    """

    measure: str = "nDCG@10"
    source: str | None = None
    group: validation.Grouping = "linked"
    splits: validation.Splits = validation.Splits()
    kind: QueryKind | None = None
    trees: bool = False
    activate: bool = True


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What tuning found: means with intervals by system, all on held-out queries; and the decision."""

    run_id: int
    source: str
    measure: str
    queries: int
    groups: int
    means: dict[str, Interval]
    choices: list[str]
    learner: str
    fusion: Fusion
    live: str
    decision: Decision
    decision_id: int


def tune(
    conn: Conn, collection: str, run_id: int, options: Options, on_fold: OnShare = silent
) -> Report:
    """Learn a fusion from a run's lists, validate it on unseen queries, decide, and write it down.

    Args:
        conn: an autocommit connection.
        collection: what is tuned.
        run_id: a finished run whose legs are those that the collection is searched by.
        options: how.
        on_fold: called after each fold with how many are done, and how many there are.

    Raises:
        UnknownName: no such run or source.
        NotTunable: the run is of another collection, has one leg or none, or too few queries.
        BadMeasure: the measure has no depth, or one that the run does not reach.
        EncoderNotInstalled: scikit-learn is absent.
    """
    run = fetch(conn, evals.run(run_id=run_id))[0]
    measure, lists = Measure.parse(options.measure), load(conn, run_id, options.source)
    check(run, collection, lists, measure)
    source = named_source(conn, run.query_set, options.source)
    lists, groups = _of_kind(
        conn, run_id, options.kind, lists, groups_of(conn, run, source, options.group)
    )
    check_enough(len(lists.queries))
    found = validation.cross_validate(
        lists, measure, groups, options.splits, on_fold, trees=options.trees
    )
    live = fetch(conn, tuning.live_fusion(collection=collection, query_kind=options.kind))[0]
    legs = {f"leg {leg}": measure.of_scores(lists, single(lists, leg)) for leg in lists.legs}
    today = {f"live: {live.name}": values(lists, live, measure)}
    decision = decided(lists.queries, {CANDIDATE: found.chosen}, legs, today, options.measure)
    systems = legs | today | found.held_out | {CANDIDATE: found.chosen}
    means = {name: compare.interval(by_query) for name, by_query in systems.items()}
    return Report(
        run_id=run_id,
        source=source,
        measure=options.measure,
        queries=len(lists.queries),
        groups=len(set(groups)),
        means=means,
        choices=found.choices,
        learner=found.final[0],
        fusion=found.final[1],
        live=live.name,
        decision=decision,
        decision_id=_keep(conn, run, source, options, found.final, decision, means),
    )


def check(
    run: EvaluationRun, collection: str, lists: Lists, measure: Measure, legs: int = 2
) -> None:
    """Refuse a run that tells nothing about a collection.

    Raises:
        NotTunable: it is of another collection, or has fewer legs or items than are needed.
    """
    if run.collection != collection:
        raise NotTunable(f"run {run.run_id} is of the collection {run.collection}")
    if len(lists.legs) < legs:
        raise NotTunable(
            f"{len(lists.legs)} legs of run {run.run_id} list anything: nothing to fuse"
        )
    if measure.k > run.k:
        raise NotTunable(
            f"run {run.run_id} is {run.k} items deep, {measure} looks deeper", "run it with --k"
        )


def _of_kind(
    conn: Conn, run_id: int, kind: QueryKind | None, lists: Lists, groups: Sequence[int]
) -> tuple[Lists, list[int]]:
    """The queries that a profile would be for, with their groups."""
    kinds = {row.query: row for row in fetch(conn, tuning.kinds(run_id=run_id))}
    rows = [
        at
        for at, query in enumerate(lists.queries)
        if (kinds[query].kind == kind if kind else not kinds[query].routed)
    ]
    return lists.rows(np.array(rows, dtype=np.intp)), [groups[at] for at in rows]


def _keep(
    conn: Conn,
    run: EvaluationRun,
    source: str,
    options: Options,
    final: tuple[str, Fusion],
    decision: Decision,
    means: Mapping[str, Interval],
) -> int:
    """Write the decision down and, where it says so, make the profile the active one; all or nothing."""
    fusion = final[1]
    go = decision.activate and options.activate
    with conn.transaction():
        decision_id = write_down(
            conn,
            run,
            kind="fusion",
            source=source,
            measure=options.measure,
            candidate=_described(fusion) | {"learner": final[0], "query_kind": options.kind},
            decision=msgspec.structs.replace(decision, activate=go),
            figures={"means": means},
        )
        if go:
            named = msgspec.structs.replace(fusion, name=f"tuned-{decision_id}")
            put = tuning.put_profile(
                collection=run.collection,
                fusion=named,
                note=decision.reason,
                query_kind=options.kind,
            )
            fetch(conn, tuning.retire_profile(collection=run.collection, query_kind=options.kind))
            fetch(conn, put)
    return decision_id


def _described(fusion: Fusion) -> dict[str, Any]:
    """A fusion as a decision keeps it: of trees how many there are, the profile has them."""
    told = msgspec.structs.asdict(fusion)
    if fusion.model is not None:
        told["model"] = {"legs": fusion.model.legs, "trees": len(fusion.model.roots)}
    return told
