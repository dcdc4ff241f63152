"""Judging of collections: steps of a run, the whole of it, and what it could not judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from db.items import contradictions as sql
from db.items import items
from db.items.contradictions import ContradictionCount, JudgeStep, PictureFile
from db.operations.runs import Run
from db.search.legs import vector_text
from encoders.pictures.look import looks_of_files
from flows.effects import Compute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from encoders.base import Vectors
    from flows.effects import Flow

# Before "RULE: REASON" in the names of a run's counts.
UNJUDGED = "unjudged "
# Items per step: under a second where pictures are searched in a space of some thousands.
STEP_ITEMS = 200
# Pictures whose looks are made in a step: half a second.
STEP_LOOKS = 200


class Unjudged(Struct, frozen=True, kw_only=True):
    """Number of items that a rule could not be applied to, and the reason."""

    rule: str
    reason: str
    items: int


class ConsistencyReport(Struct, frozen=True, kw_only=True):
    """Contradictions of a collection by rule and state, its latest run, and what this could not judge.

    `run` is None where nobody has judged the collection.
    """

    counts: list[ContradictionCount]
    run: Run | None
    unjudged: list[Unjudged]


def judge_next(collection: str, run_id: int | None = None) -> Flow[JudgeStep]:
    """Judge the next items of a collection; without a run, the first ones of a new run.

    Pictures are compared by their looks: while some have none yet, a step makes these and judges nothing.

    Raises:
        UnknownName: no such collection, or the run is not one that judges it.
    """
    yield items.named_collection(collection=collection)
    left = yield from _complete_looks(collection)
    n = 0 if left else STEP_ITEMS
    (step,) = yield sql.judge_step(collection=collection, run=run_id, items_n=n)
    found: JudgeStep = step
    return found


def _complete_looks(collection: str) -> Flow[bool]:
    """Make the looks of some pictures that have none; whether others may be left."""
    pictures: list[PictureFile] = yield sql.without_look(collection=collection, limit=STEP_LOOKS)
    if pictures:
        looks: list[Vectors | None] = yield Compute(
            looks_of_files, ([one.bytes for one in pictures],)
        )
        rows = [
            {"picture_id": one.id, "look": None if look is None else vector_text(look)}
            for one, look in zip(pictures, looks, strict=True)
        ]
        yield sql.store_looks(looks=rows)
    return len(pictures) == STEP_LOOKS


def judge_all(
    collection: str, run_id: int | None = None, on_step: Callable[[JudgeStep], None] | None = None
) -> Flow[JudgeStep]:
    """Judge all items of a collection, or those that a run has left; the last step.

    Raises:
        UnknownName: as `judge_next`.
    """
    while True:
        step = yield from judge_next(collection, run_id)
        run_id = step.run_id
        if on_step is not None:
            on_step(step)
        if step.done:
            return step


def report(collection: str) -> Flow[ConsistencyReport]:
    """Report what contradicts itself in a collection, and what could not be judged.

    Raises:
        UnknownName: no such collection.
    """
    yield items.named_collection(collection=collection)
    counts: list[ContradictionCount] = yield sql.counts(collection=collection)
    runs: list[Run] = yield sql.judging_runs(collection=collection)
    run = runs[0] if runs else None
    return ConsistencyReport(counts=counts, run=run, unjudged=unjudged(run.counts if run else {}))


def unjudged(counts: Mapping[str, int]) -> list[Unjudged]:
    """Take the counts of what could not be judged out of a run's counts, by rule and reason."""
    found = []
    for name, n in sorted(counts.items()):
        if name.startswith(UNJUDGED):
            rule, _, reason = name.removeprefix(UNJUDGED).partition(": ")
            found.append(Unjudged(rule=rule, reason=reason, items=n))
    return found
