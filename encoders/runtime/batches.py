"""Batches of which one bad row must not fail the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Row = TypeVar("Row")
Result = TypeVar("Result")
Failure = TypeVar("Failure", bound=Exception)


def halve_until_alone(
    run: Callable[[Sequence[Row]], Sequence[Result]],
    rows: Sequence[Row],
    expected: type[Failure] | tuple[type[Failure], ...],
) -> list[Result | Failure]:
    """Run a function over rows; where it fails, over halves of them, until the bad row is alone.

    Args:
        run: Gives one result per row, in their order.
        rows: The batch.
        expected: Errors that a row may cause; others are passed on at once.

    Returns:
        Per row, in order, its result, or the error that it causes alone.
    """
    try:
        return [*run(rows)]
    except expected as exc:
        if len(rows) == 1:
            return [exc]
    half = len(rows) // 2
    return [
        *halve_until_alone(run, rows[:half], expected),
        *halve_until_alone(run, rows[half:], expected),
    ]
