"""Bisection of a failing batch: halves are tried until each item at fault stands alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from db.calls.steps import Steps

T = TypeVar("T")
R = TypeVar("R")


def halving(
    batch: Sequence[T],
    attempt: Callable[[Sequence[T]], Any],
    alone: Callable[[T, Exception], R],
    is_fault: Callable[[Exception], bool] = lambda _exc: True,
) -> Steps[list[R]]:
    """Steps that do a batch in as few parts as its faults allow.

    Args:
        batch: the items.
        attempt: steps that do a part, all or nothing; their result is an R.
        alone: the result of an item that failed by itself.
        is_fault: whether an exception is some item's fault; any other is raised.

    Returns:
        The results of the parts and of the items that failed, in the order of the batch.
    """
    try:
        return [(yield attempt(batch))]
    except Exception as exc:
        if not is_fault(exc):
            raise
        if len(batch) <= 1:
            return [alone(one, exc) for one in batch]
    half = len(batch) // 2
    first = yield from halving(batch[:half], attempt, alone, is_fault)
    return [*first, *(yield from halving(batch[half:], attempt, alone, is_fault))]


def halve_until_alone(
    batch: Sequence[T],
    attempt: Callable[[Sequence[T]], R],
    alone: Callable[[T, Exception], R],
    is_fault: Callable[[Exception], bool] = lambda _exc: True,
) -> list[R]:
    """Do a batch by a plain function; as `halving` otherwise. n items with one fault take 2 log2 n calls."""
    steps = halving(batch, partial(partial, attempt), alone, is_fault)
    proceed = partial(next, steps)
    while True:
        try:
            call = proceed()
        except StopIteration as stop:
            results: list[R] = stop.value
            return results
        try:
            proceed = partial(steps.send, call())
        except Exception as exc:
            proceed = partial(steps.throw, exc)
