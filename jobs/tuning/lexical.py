"""Tune BM25: its constants and the weights of fields, under the guard that fusions are under.

What is measured is what a user sees: the live fusion of a run's legs, with the list of the lexical leg
replaced by the one that other settings give. Coordinate ascent on the measure itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.calls.query import fetch
from db.evaluation import evals, index_contents, tuning
from db.evaluation.tuning import Bm25
from db.items import items
from jobs.evaluation import compare
from jobs.tuning import bm25, validation
from jobs.tuning.decision import decided, groups_of, write_down
from jobs.tuning.fusion import single
from jobs.tuning.job import CANDIDATE, Options, check
from jobs.tuning.lists import NotTunable, check_enough, load, named_source, relevant
from jobs.tuning.measures import Measure, values
from jobs.tuning.relisted import Material
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from db.evaluation.rows import EvaluationRun
    from jobs.evaluation.compare import Interval
    from jobs.evaluation.guard import Decision

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

K1 = (0.3, 0.6, 0.9, 1.2, 1.6, 2.0, 3.0)
B = (0.0, 0.2, 0.4, 0.6, 0.75, 0.9, 1.0)
WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
ROUNDS = 4
LEAST_GAIN = 1e-9


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What tuning found: means with intervals by system, on held-out queries; and the decision.

    Attributes:
        tried: how many settings were measured.
        live: the settings that were in force.
        best: the settings learned from all queries.
        rebuild: whether they take an index that `seogo maintain` has to build.
    """

    run_id: int
    source: str
    measure: str
    queries: int
    groups: int
    tried: int
    means: dict[str, Interval]
    live: Bm25
    best: Bm25
    rebuild: bool
    decision: Decision
    decision_id: int


class Ascent:
    """Coordinate ascent; each setting is measured once, for all queries."""

    def __init__(
        self,
        measured: Callable[[Bm25], Floats],
        start: Bm25,
        fields: Sequence[str],
        on_tried: OnCount,
    ) -> None:
        self._measured = measured
        self._known: dict[bytes, Floats] = {}
        self._start = start
        self._fields = fields
        self._on_tried = on_tried

    @property
    def tried(self) -> int:
        """How many settings were measured so far."""
        return len(self._known)

    def values(self, settings: Bm25) -> Floats:
        """Value of settings per query; (Q,)."""
        key = msgspec.json.encode(settings, order="sorted")
        if key not in self._known:
            self._known[key] = self._measured(settings)
            self._on_tried(self.tried)
        return self._known[key]

    def __call__(self, rows: Rows) -> Bm25:
        """The settings learned from these queries alone."""
        best, reached = self._start, float(self.values(self._start)[rows].mean())
        for _ in range(ROUNDS):
            before = reached
            for coordinate in ("k1", "b", *self._fields):
                for other in _along(best, coordinate):
                    if (found := float(self.values(other)[rows].mean())) > reached + LEAST_GAIN:
                        best, reached = other, found
            if reached <= before + LEAST_GAIN:
                break
        return best


def tune(
    conn: Conn, collection: str, run_id: int, options: Options, on_tried: OnCount = silent
) -> Report:
    """Learn settings of BM25, validate them on unseen queries, decide, and write it down.

    Args:
        conn: an autocommit connection.
        collection: what is tuned.
        run_id: a finished run with one lexical leg, asked under the settings that are in force.
        options: how.
        on_tried: called after each setting that was measured with how many were.

    Raises:
        UnknownName: no such run or source.
        NotTunable: the run is of another collection or of other settings, has a filter or not one
            lexical leg, or there are too few queries.
        BadMeasure: the measure has no depth, or one that the run does not reach.
        EncoderNotInstalled: scikit-learn is absent.
    """
    run = fetch(conn, evals.run(run_id=run_id))[0]
    measure, lists = Measure.parse(options.measure), load(conn, run_id, options.source)
    check(run, collection, lists, measure, legs=1)
    check_enough(len(lists.queries))
    source = named_source(conn, run.query_set, options.source)
    groups = groups_of(conn, run, source, options.group)
    material, now = material_of(conn, run, source)
    live = fetch(conn, tuning.live_fusion(collection=collection))[0]
    fields = sorted(material.texts.fields) if len(material.texts.fields) > 1 else []
    ascent = Ascent(
        lambda settings: values(material.replaced(settings), live, measure), now, fields, on_tried
    )
    held_out = _held_out(ascent, groups, options.splits)
    legs = {f"leg {leg}": measure.of_scores(lists, single(lists, leg)) for leg in lists.legs}
    today = {f"live: {live.name}, BM25 as it is": values(lists, live, measure)}
    decision = decided(lists.queries, {CANDIDATE: held_out}, legs, today, options.measure)
    systems = legs | today | {CANDIDATE: held_out}
    best = ascent(np.arange(len(lists.queries)))
    means = {name: compare.interval(by_query) for name, by_query in systems.items()}
    return Report(
        run_id=run_id,
        source=source,
        measure=options.measure,
        queries=len(lists.queries),
        groups=len(set(groups)),
        tried=ascent.tried,
        means=means,
        live=now,
        best=best,
        rebuild=best.field_weights != now.field_weights,
        decision=decision,
        decision_id=_keep(conn, run, source, options, (now, best), decision, means),
    )


def material_of(conn: Conn, run: EvaluationRun, source: str) -> tuple[Material, Bm25]:
    """What other settings can be tried on, and the settings in force.

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


def _held_out(ascent: Ascent, groups: Sequence[int], splits: validation.Splits) -> Floats:
    """Value per query of settings learned without it, the mean over the repeats; (Q,)."""
    found = np.zeros(len(groups))
    seeds = splits.seeds(len(groups))
    for seed in seeds:
        for seen, unseen in validation.folds(groups, splits.outer, seed):
            found[unseen] += ascent.values(ascent(seen))[unseen] / len(seeds)
    return found


def _keep(
    conn: Conn,
    run: EvaluationRun,
    source: str,
    options: Options,
    settings: tuple[Bm25, Bm25],
    decision: Decision,
    means: Mapping[str, Interval],
) -> int:
    """Write the decision down and, where it says so, change the collection; all or nothing."""
    now, best = settings
    go = decision.activate and options.activate
    with conn.transaction():
        decision_id = write_down(
            conn,
            run,
            kind="lexical",
            source=source,
            measure=options.measure,
            candidate=msgspec.structs.asdict(best),
            decision=msgspec.structs.replace(decision, activate=go),
            figures={"means": means},
        )
        if go:
            weights = None if best.field_weights == now.field_weights else best.field_weights
            change = items.alter_collection(
                name=run.collection, field_weights=weights, k1=best.k1, b=best.b
            )
            fetch(conn, change)
    return decision_id


def _along(settings: Bm25, coordinate: str) -> Iterator[Bm25]:
    """The settings with another value of one of them."""
    replace = msgspec.structs.replace
    if coordinate == "k1":
        yield from (replace(settings, k1=k1) for k1 in K1 if k1 != settings.k1)
    elif coordinate == "b":
        yield from (replace(settings, b=b) for b in B if b != settings.b)
    else:
        now = settings.field_weights.get(coordinate, 1.0)
        for weight in (w for w in WEIGHTS if w != now):
            yield replace(settings, field_weights=settings.field_weights | {coordinate: weight})
