"""Profile of training steps: time per phase of every step, and the longest operations of a few."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from encoders.runtime.optional import require

PROFILE = "profile.json"
# The first steps allocate memory and choose kernels: they are not like the others.
_SETTLED = 2
_OPERATIONS = 10


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of the profiled steps: its own milliseconds per step, and calls per step."""

    name: str
    milliseconds: float
    calls: float


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of a step by phase, means over all steps but the first ones.

    `data` waits for the next batch, `forward` computes the loss, `backward` the gradients, `update` clips
    them and changes weights. `operations` are those of the profiled steps that take longest.
    """

    steps: int
    phases: dict[str, float]
    operations: list[Operation] = []


class Stopwatch:
    """Takes the time of phases as the trainer passes from one to the next."""

    def __init__(self, profiled: int, cuda: bool) -> None:
        self._profiled = profiled
        self._cuda = cuda
        self._last = time.monotonic()
        self._steps = 0
        self._sums = dict.fromkeys(("data", "forward", "backward", "update"), 0.0)
        self._tracer: AbstractContextManager[Any] | None = None
        self._traced: Any = None
        self.operations: list[Operation] = []

    def enter(self, phase: str) -> None:
        """End a phase: what passed since the last one is its time."""
        if self._cuda:  # kernels run beside the program: wait for them, or the next phase pays
            require("torch").cuda.synchronize()
        now = time.monotonic()
        if self._steps >= _SETTLED:
            self._sums[phase] += now - self._last
        self._last = now

    def rest(self) -> None:
        """Begin anew: what passed since is of no phase, such as an evaluation."""
        self._last = time.monotonic()

    def begin_step(self) -> None:
        """A batch is there."""
        self.enter("data")
        if self._profiled and self._steps == _SETTLED:
            torch = require("torch")
            kinds = [torch.profiler.ProfilerActivity.CPU]
            kinds += [torch.profiler.ProfilerActivity.CUDA] * self._cuda
            self._tracer = torch.profiler.profile(activities=kinds)
            self._traced = self._tracer.__enter__()

    def end_step(self) -> None:
        """The weights are changed."""
        self.enter("update")
        self._steps += 1
        if self._tracer is not None and self._steps == _SETTLED + self._profiled:
            self._tracer.__exit__(None, None, None)
            self._tracer = None
            self.operations = _longest(self._traced, self._profiled, self._cuda)
            self.rest()

    def profile(self) -> Profile:
        """Return the times; phases are 0 where there were too few steps."""
        counted = max(1, self._steps - _SETTLED)
        phases = {name: round(1000 * total / counted, 2) for name, total in self._sums.items()}
        return Profile(
            steps=max(0, self._steps - _SETTLED), phases=phases, operations=self.operations
        )


def _longest(traced: Any, steps: int, cuda: bool) -> list[Operation]:
    key = "self_device_time_total" if cuda else "self_cpu_time_total"
    events = sorted(traced.key_averages(), key=lambda event: -getattr(event, key))
    return [
        Operation(
            name=event.key,
            milliseconds=round(getattr(event, key) / 1000 / steps, 2),
            calls=event.count / steps,
        )
        for event in events[:_OPERATIONS]
    ]
