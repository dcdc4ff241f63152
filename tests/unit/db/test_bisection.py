"""Bisection finds exactly the items at fault, keeps the order, and takes few calls."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.calls.bisection import halve_until_alone

BATCHES = st.integers(1, 300).flatmap(
    lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1), max_size=8))
)


@given(BATCHES)
def test_exactly_the_poisonous_ones_stand_alone(batch: tuple[int, set[int]]) -> None:
    n, poisonous = batch
    calls = 0

    def attempt(part: list[int]) -> list[str]:
        nonlocal calls
        calls += 1
        if poisonous & set(part):
            raise ValueError
        return [f"good {at}" for at in part]

    parts = halve_until_alone(
        list(range(n)),
        attempt,  # type: ignore[arg-type]
        lambda at, exc: [f"{type(exc).__name__} {at}"],
    )
    found = [one for part in parts for one in part]
    assert found == [f"{'ValueError' if at in poisonous else 'good'} {at}" for at in range(n)]
    assert calls <= 1 + 2 * len(poisonous) * math.ceil(math.log2(n))


def test_what_is_no_items_fault_is_raised_at_once() -> None:
    calls = 0

    def attempt(_part: object) -> None:
        nonlocal calls
        calls += 1
        raise ConnectionError

    with pytest.raises(ConnectionError):
        halve_until_alone(
            [1, 2, 3], attempt, lambda _one, _exc: None, lambda exc: isinstance(exc, ValueError)
        )
    assert calls == 1


def test_an_empty_batch_is_attempted_once() -> None:
    assert halve_until_alone([], len, lambda _one, _exc: 1) == [0]
