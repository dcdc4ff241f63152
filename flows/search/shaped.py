"""Shaped results: reranked around pins, and told to be weak where nothing is near."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from db.search import shaping
from flows.errors import LegUnavailable
from flows.search.filters import filter_text
from flows.search.rerank import Hit, rerank

if TYPE_CHECKING:
    from db.evaluation.tuning import Reranker
    from db.search.results import Found
    from db.search.rows import Leg
    from db.search.shaping import Calibration, ShapeStep
    from flows.effects import Flow
    from flows.search.request import SearchIn

T = TypeVar("T")


class Nearness(NamedTuple):
    """Whether all results are weak matches, and the reasons for that, or for not knowing it."""

    weak: bool
    why: list[str]


class Reordered(NamedTuple):
    """Hits in a new order, by which model (None: as they were), and notes, as where it could not be asked."""

    hits: list[Any]
    model: str | None
    notes: list[str]


def reorder(
    collection: str, used: Reranker, words: str, hits: list[Any], skip: int
) -> Flow[Reordered]:
    """Rerank the first hits, where the order of the fusion does not stand; `skip` of the list are before."""
    if skip and not ordered_by_shape(hits):
        return Reordered(hits, None, [])
    moving = rerank_around(collection, used, words, hits)
    return Reordered(*(yield from reranked(used, hits, hits, moving)))


def reranked(
    used: Reranker, hits: Sequence[Hit], kept: T, moving: Flow[tuple[T, list[str]]]
) -> Flow[tuple[T, str | None, list[str]]]:
    """Rerank hits by `moving`; where the order of the fusion stands, `kept` and why.

    Returns:
        The hits, the model that ordered them (None: as they were), and notes.
    """
    if step := ordered_by_shape(hits):
        return kept, None, [f"not reranked: the order is that of {step}"]
    try:
        moved, notes = yield from moving
    except LegUnavailable as exc:
        return kept, None, [f"not reranked: {exc}"]
    return moved, used.model, notes


def rerank_around(
    collection: str, used: Reranker, words: str, hits: Sequence[Hit]
) -> Flow[tuple[list[Hit], list[str]]]:
    """Rerank hits between those that people pinned or buried, which keep their ranks; with notes on it.

    Raises:
        LegUnavailable: as `rerank`.
    """
    kept = [hit for hit in hits if _held(hit)]
    free = [hit for hit in hits if not _held(hit)]
    moved, notes = yield from rerank(collection, used, words, free)
    return sorted([*kept, *moved], key=lambda hit: hit.rank), notes


def ordered_by_shape(hits: Sequence[Hit]) -> str | None:
    """Name the step of the shape whose order a reranker would undo; None where it may reorder."""
    changed = [hit.adjustments for hit in hits if hit.adjustments is not None]
    if any(one.factor is not None for one in changed):
        return "boosts"
    return "diversity" if any(one.diversity is not None for one in changed) else None


def nearness(collection: str, hits: Sequence[Found]) -> Flow[Nearness]:
    """Say whether all of these hits are as near as chance brings, by words and by vectors."""
    changed = [hit.adjustments for hit in hits]
    if not hits or any(one is None or not (one.weak or one.uncalibrated) for one in changed):
        return Nearness(weak=False, why=[])
    rows: list[Calibration] = yield shaping.calibrations(collection=collection)
    weak = all(one is not None and one.weak for one in changed)
    why = ["no word and no number of the query is in any of these"] if weak else []
    for row in rows:
        scores = [given.score for hit in hits if (given := hit.legs.get(row.space)) is not None]
        if scores and row.threshold is None:
            why.append(f"space {row.space} is not calibrated, run `seogo calibrate {collection}`")
        elif scores and weak:
            why.append(
                f"space {row.space}: nearest {max(scores):.3f}, chance brings {row.threshold:.3f}"
            )
    return Nearness(weak, why)


def _held(hit: Hit) -> bool:
    return hit.adjustments is not None and (
        hit.adjustments.pinned is not None or hit.adjustments.buried
    )


def explain_shaping(
    collection: str, request: SearchIn, text: str | None, legs: Sequence[Leg]
) -> Flow[list[ShapeStep] | None]:
    """Steps of shaping with what each did; None where they were not requested."""
    if not request.explain:
        return None
    steps: list[ShapeStep] = yield shaping.explain_shape(
        collection=collection,
        query=text,
        legs=legs,
        filter=filter_text(request.filter),
        profile=request.profile,
        shape=request.shape,
    )
    return steps
