"""Scaling: how many replicas the queues need."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jobs.fleet.replica import WorkDone


class Bounds(msgspec.Struct, frozen=True):
    """The least and the greatest number of replicas; equal where it is fixed."""

    least: int
    most: int

    def clamp(self, n: int) -> int:
        """The nearest number within the bounds."""
        return max(self.least, min(n, self.most))


def needed(
    waiting: Mapping[str, int], counted: Mapping[str, WorkDone], drain_s: float
) -> int | None:
    """Replicas that would drain the queues in about `drain_s` seconds at the rates measured so far.

    A queue's work is what waits times the seconds that one took; the works of all queues are added up.

    Returns:
        The number, 0 where nothing waits; None where something waits in a queue without a rate.
    """
    work_s = 0.0
    unknown = False
    for name, n in waiting.items():
        found = counted.get(name)
        if not n:
            continue
        if found is None or not found.done + found.failed:
            unknown = True
        else:
            work_s += n * found.busy_s / (found.done + found.failed)
    if unknown:
        return None
    return math.ceil(work_s / drain_s) or int(any(waiting.values()))


class Recommendation:
    """The number of replicas: up at once, down to the greatest number needed within a while.

    So a queue that drains keeps its replicas to the end, and a trickle does not keep them all. Kubernetes'
    horizontal autoscaler steadies itself in this way (stabilization window).
    """

    def __init__(self, bounds: Bounds, window_s: float) -> None:
        """`window_s`: seconds for which a number needed is kept up."""
        self._bounds = bounds
        self._window_s = window_s
        self._seen: deque[tuple[float, int]] = deque()

    def next(self, now: float, need: int | None, running: int) -> int:
        """The number from now on; `need` None keeps what runs, but at least one, which will tell the rate."""
        self._seen.append((now, max(running, 1) if need is None else need))
        while self._seen[0][0] < now - self._window_s:
            self._seen.popleft()
        return self._bounds.clamp(max(n for _, n in self._seen))
