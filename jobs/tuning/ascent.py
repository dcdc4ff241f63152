"""Coordinate ascent on the measure itself.

Metzler, Croft: Linear feature-based models for information retrieval, 2007.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

S = TypeVar("S")

# Less is rounding.
LEAST_GAIN = 1e-9


def climb(
    start: S,
    coordinates: Sequence[str],
    variants: Callable[[S, str], Iterable[S]],
    value: Callable[[S], float],
    rounds: int,
) -> S:
    """The settings reached from `start` by changing one coordinate at a time while the value grows."""
    best, reached = start, value(start)
    for _ in range(rounds):
        before = reached
        for coordinate in coordinates:
            for other in variants(best, coordinate):
                if (found := value(other)) > reached + LEAST_GAIN:
                    best, reached = other, found
        if reached <= before + LEAST_GAIN:
            break
    return best
