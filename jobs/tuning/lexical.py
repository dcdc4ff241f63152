"""Tuning BM25: its constants and the weights of fields, under the same guard as fusions.

The value measured is that of the live fusion of a run's legs, with the list of the lexical leg replaced
by the one that other settings give.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from db.calls.query import fetch
from db.evaluation import index_contents, tuning
from db.evaluation.tuning import Bm25
from db.items import items
from jobs.tuning import bm25, study, validation
from jobs.tuning.ascent import climb
from jobs.tuning.lists import NotTunable, check_enough, load, relevant
from jobs.tuning.measures import singles, values
from jobs.tuning.profiles import CANDIDATE
from jobs.tuning.relisted import Material
from jobs.tuning.study import StudyReport
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from db.evaluation.rows import EvaluationRun
    from db.evaluation.tuning import Fusion
    from jobs.tuning.measures import Measure
    from jobs.tuning.profiles import TuningOptions
    from jobs.types import Floats, Rows

K1 = (0.3, 0.6, 0.9, 1.2, 1.6, 2.0, 3.0)
B = (0.0, 0.2, 0.4, 0.6, 0.75, 0.9, 1.0)
WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
ROUNDS = 4


class LexicalReport(StudyReport, frozen=True, kw_only=True):
    """Result of tuning BM25.

    `live` were in force, `best` are learned from all queries; `rebuild`: they take an index that `seogo
    maintain` has to build.
    """

    tried: int
    live: Bm25
    best: Bm25
    rebuild: bool


@dataclass
class _Learner:
    """Learns settings by coordinate ascent; each setting is measured once, for all queries."""

    measured: Callable[[Bm25], Floats]
    start: Bm25
    coordinates: Sequence[str]
    on_tried: OnCount
    known: dict[bytes, Floats] = field(default_factory=dict)

    def values(self, settings: Bm25) -> Floats:
        """Value of settings per query; (Q,)."""
        key = msgspec.json.encode(settings, order="sorted")
        if key not in self.known:
            self.known[key] = self.measured(settings)
            self.on_tried(len(self.known))
        return self.known[key]

    def __call__(self, rows: Rows) -> Bm25:
        """The settings learned from these queries alone."""

        def value(settings: Bm25) -> float:
            return float(self.values(settings)[rows].mean())

        return climb(self.start, self.coordinates, _along, value, ROUNDS)


def tune(
    conn: Conn, collection: str, run_id: int, options: TuningOptions, on_tried: OnCount = silent
) -> LexicalReport:
    """Learn settings of BM25, validate them on unseen queries, decide, and record it.

    The run is finished and has one lexical leg, asked under the settings that are in force.

    Raises:
        UnknownName: no such run or source.
        NotTunable: the run is of another collection or of other settings, has a filter or not one
            lexical leg, or there are too few queries.
        BadMeasure: the measure has no depth, or one that the run does not reach.
        EncoderNotInstalled: scikit-learn is absent.
    """
    lists = load(conn, run_id, options.source)
    begun = study.begin(conn, run_id, options)
    study.check_run(begun.run, collection, lists, measure := begun.measure, legs=1)
    check_enough(len(lists.queries))
    material, now = material_of(conn, begun.run, begun.source)
    live = fetch(conn, tuning.live_fusion(collection=collection))[0]
    coordinates = options.coordinates or _coordinates(material)
    learner = _Learner(partial(_value, material, live, measure), now, coordinates, on_tried)
    held_out = validation.held_out(begun.groups, options.splits, learner, learner.values)
    best = learner(np.arange(len(lists.queries)))
    weights = None if best.field_weights == now.field_weights else best.field_weights

    alter = items.alter_collection(name=collection, field_weights=weights, k1=best.k1, b=best.b)
    concluded = study.conclude(
        conn,
        begun,
        lists.queries,
        kind="lexical",
        candidate={CANDIDATE: held_out},
        legs=singles(lists, measure),
        live={f"live: {live.name}, BM25 as it is": values(lists, live, measure)},
        described=msgspec.structs.asdict(best),
        activate=options.activate,
        change=lambda _decision_id, decision: [alter] if decision.activate else [],
    )
    return LexicalReport(
        **concluded, tried=len(learner.known), live=now, best=best, rebuild=weights is not None
    )


def _value(material: Material, live: Fusion, measure: Measure, settings: Bm25) -> Floats:
    """Value per query of the live fusion under settings of BM25; (Q,)."""
    return values(material.replaced(settings), live, measure)


def _coordinates(material: Material) -> tuple[str, ...]:
    """All settings that can be learned: of a single field no weight."""
    fields = sorted(material.texts.fields)
    return ("k1", "b", *(fields if len(fields) > 1 else ()))


def material_of(conn: Conn, run: EvaluationRun, source: str) -> tuple[Material, Bm25]:
    """Read the material to try settings on, and the settings in force.

    Raises:
        NotTunable: the run has a filter, not one lexical leg, or was asked under other settings.
    """
    legs = [leg for leg in run.legs if leg["kind"] == "lexical"]
    if len(legs) != 1:
        raise NotTunable(f"run {run.run_id} has {len(legs)} lexical legs, not one")
    if run.settings["filter"] is not None:
        raise NotTunable(f"run {run.run_id} has a filter", "run the set without one")
    index = fetch(conn, index_contents.index(collection=run.collection))[0]
    if run.settings["lexical"] != msgspec.structs.asdict(index):
        raise NotTunable(
            f"run {run.run_id} was asked under other settings than are in force",
            "run it again with `seogo eval run`",
        )
    now = Bm25(k1=index.k1, b=index.b, field_weights=index.field_weights)
    material = Material(
        fetch(conn, tuning.answers(run_id=run.run_id)),
        fetch(conn, tuning.leg_lists(run_id=run.run_id)),
        relevant(conn, run.query_set, source),
        legs[0]["name"],
        legs[0]["pool_n"],
        bm25.read(conn, run, index.analyzer),
    )
    return material, now


def _along(settings: Bm25, coordinate: str) -> Iterator[Bm25]:
    """Variants of the settings in one coordinate."""
    replace = msgspec.structs.replace
    if coordinate == "k1":
        yield from (replace(settings, k1=k1) for k1 in K1 if k1 != settings.k1)
    elif coordinate == "b":
        yield from (replace(settings, b=b) for b in B if b != settings.b)
    else:
        now = settings.field_weights.get(coordinate, 1.0)
        for weight in (w for w in WEIGHTS if w != now):
            yield replace(settings, field_weights=settings.field_weights | {coordinate: weight})
