"""Scores of a teacher on training pairs: a reranker, or an encoder that is larger than the one trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

if TYPE_CHECKING:
    from encoders.base import TextEncoder
    from encoders.training.pairs import TrainingPair
    from jobs.types import OnCount

# Scores of passages for a question, higher is more relevant.
Score = Callable[[str, Sequence[str]], list[float]]


class Taught(NamedTuple):
    """Scored pairs, and how many negatives were taken out because the teacher takes them for answers."""

    pairs: list[TrainingPair]
    dropped: int


def by_encoder(encoder: TextEncoder) -> Score:
    """Score by cosines of an encoder."""

    def score(query: str, passages: Sequence[str]) -> list[float]:
        (asked,) = encoder.encode_queries([query])
        cosines = np.asarray(encoder.encode_passages(list(passages)) @ asked)
        return [float(value) for value in cosines]

    return score


def scored(
    pairs: Sequence[TrainingPair],
    score: Score,
    teacher: str,
    *,
    drop_above: float | None,
    on_pair: OnCount,
) -> Taught:
    """Give each pair the scores of a teacher, and filter false negatives by them.

    Args:
        pairs: with their negatives.
        score: of the teacher.
        teacher: its name.
        drop_above: share of the answer's distance to its lowest negative; negatives nearer to the answer than
            that, or above it, are taken out: 0 takes out what is above it. None: none.
        on_pair: told how many are done.
    """
    found, dropped = [], 0
    for at, pair in enumerate(pairs, start=1):
        own, *others = score(pair.query, [pair.positive, *pair.negatives])
        bar = np.inf
        if drop_above is not None and others:
            bar = own - drop_above * max(0.0, own - min(others))
        kept = [number for number, other in enumerate(others) if other < bar]
        dropped += len(others) - len(kept)
        found.append(
            msgspec.structs.replace(
                pair,
                negatives=[pair.negatives[number] for number in kept],
                negative_ids=[pair.negative_ids[n] for n in kept if n < len(pair.negative_ids)],
                scores=[own, *(others[number] for number in kept)],
                teacher=teacher,
            )
        )
        on_pair(at)
    return Taught(found, dropped)
