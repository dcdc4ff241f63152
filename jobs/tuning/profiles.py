"""Tuning the fusion of a collection's legs; a profile goes live only where the guard lets it through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from db.calls.query import fetch
from db.evaluation import tuning
from jobs.tuning import study, validation
from jobs.tuning.lists import check_enough, load
from jobs.tuning.measures import singles, values
from jobs.tuning.study import StudyOptions, StudyReport
from jobs.types import Conn, OnShare, silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from db.calls.query import Query
    from db.evaluation.tuning import Fusion, QueryKind, RoutedKind
    from jobs.evaluation.guard import GuardDecision
    from jobs.tuning.learners import GridTable
    from jobs.tuning.lists import Lists

CANDIDATE = "tuned"


class TuningOptions(StudyOptions, frozen=True, kw_only=True):
    """Options of tuning.

    `kind` makes a profile from and for queries of one kind, `asker` from and for queries by items whose
    metadata contain it; both None: for all that have no active profile of their own. `trees` learns
    LambdaMART as well. `coordinates` are the settings of BM25 that may change (k1, b, fields), None: all.
    Without `activate` it only reports what it would do.
    """

    kind: QueryKind | None = None
    asker: dict[str, Any] | None = None
    trees: bool = False
    coordinates: Sequence[str] | None = None
    activate: bool = True


class FusionReport(StudyReport, frozen=True, kw_only=True):
    """Result of tuning a fusion; `choices` are the learners chosen by fold, `grid` all that was tried."""

    choices: list[str]
    learner: str
    fusion: Fusion
    live: str
    grid: GridTable


def tune(
    conn: Conn, collection: str, run_id: int, options: TuningOptions, on_fold: OnShare = silent
) -> FusionReport:
    """Learn a fusion from a run's lists, validate it on unseen queries, decide, and record it.

    The legs of the run, which must be finished, are those that the collection is searched by.

    Raises:
        UnknownName: no such run or source.
        NotTunable: the run is of another collection, has one leg or none, or too few queries.
        BadMeasure: the measure has no depth, or one that the run does not reach.
        EncoderNotInstalled: scikit-learn is absent.
    """
    lists = load(conn, run_id, options.source)
    begun = study.begin(conn, run_id, options)
    measure = begun.measure
    study.check_run(begun.run, collection, lists, measure)
    lists, groups = wanted(conn, run_id, options, lists, begun.groups)
    check_enough(len(lists.queries))
    found = validation.cross_validate(
        lists, measure, groups, options.splits, on_fold, trees=options.trees
    )
    learner, fusion = found.final
    about = {"collection": collection, "query_kind": options.kind, "asker": options.asker}
    live = fetch(conn, tuning.live_fusion(**about))[0]

    concluded = study.conclude(
        conn,
        begun._replace(groups=groups),
        lists.queries,
        kind="fusion",
        candidate={CANDIDATE: found.chosen},
        legs=singles(lists, measure),
        live={f"live: {live.name}": values(lists, live, measure)},
        others=found.held_out,
        described=_described(fusion)
        | {"learner": learner, "query_kind": options.kind, "asker": options.asker},
        activate=options.activate,
        figures={"grid": found.grid},
        change=_change(about, fusion),
    )
    told: dict[str, Any] = {"choices": found.choices, "grid": found.grid, "live": live.name}
    return FusionReport(**concluded, **told, learner=learner, fusion=fusion)


def _change(about: dict[str, Any], fusion: Fusion) -> study.Change:
    """Make the fusion the active profile, if that was decided."""

    def change(decision_id: int, decision: GuardDecision) -> Iterator[Query[Any]]:
        if decision.activate:
            named = msgspec.structs.replace(fusion, name=f"tuned-{decision_id}")
            yield tuning.retire_profile(**about)
            yield tuning.put_profile(fusion=named, note=decision.reason, **about)

    return change


def wanted(
    conn: Conn, run_id: int, options: TuningOptions, lists: Lists, groups: Sequence[int]
) -> tuple[Lists, list[int]]:
    """The queries that a profile would be for, with their groups."""

    def fits(query: RoutedKind) -> bool:
        if options.kind is None and options.asker is None:
            return not query.routed
        return options.kind in (None, query.kind) and (options.asker is None or query.asked_by)

    asked = tuning.kinds(run_id=run_id, asker=options.asker)
    kinds = {row.query: row for row in fetch(conn, asked)}
    rows = [at for at, query in enumerate(lists.queries) if fits(kinds[query])]
    return lists.rows(np.array(rows, dtype=np.intp)), [groups[at] for at in rows]


def _described(fusion: Fusion) -> dict[str, Any]:
    """A fusion as a decision keeps it: of trees only the number, the profile has them."""
    found = msgspec.structs.asdict(fusion)
    if fusion.model is not None:
        found["model"] = {"legs": fusion.model.legs, "trees": len(fusion.model.roots)}
    return found
