"""The log of a training run: one JSON object per line, written as it happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from encoders.runtime.limits import peak_memory
from encoders.training.settings import MEASURES

LOG = "log.jsonl"
_HELD = "eval_"


class LogEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Measurements of a training step.

    Attributes:
        step: optimiser steps done.
        epoch: passes over the pairs done.
        loss: mean over the steps since the entry before.
        held_out_loss: mean over the held-out pairs.
        measures: of retrieval among the held-out pairs, by name, in [0, 1].
        learning_rate: of the step.
        gradient: norm of the gradient before it is clipped.
        seconds: since the process began to train.
        memory: most bytes this process ever had.
    """

    step: int
    epoch: float
    loss: float | None = None
    held_out_loss: float | None = None
    measures: dict[str, float] = {}
    learning_rate: float | None = None
    gradient: float | None = None
    seconds: float = 0.0
    memory: int = 0


class JsonLog:
    """Writes entries to a file; entries of steps that are done again are taken back."""

    def __init__(self, path: Path, on_entry: Callable[[LogEntry], None]) -> None:
        self._path = path
        self._on_entry = on_entry
        self._began = time.monotonic()

    def resume(self, step: int) -> None:
        """Keep the entries up to a step only."""
        kept = [entry for entry in read(self._path) if entry.step <= step]
        self._path.write_bytes(b"".join(msgspec.json.encode(e) + b"\n" for e in kept))

    def add(self, step: int, epoch: float, values: Mapping[str, Any]) -> None:
        """Write the trainer's values if they hold a loss or a measure."""
        measures = {name: values[_HELD + name] for name in MEASURES if _HELD + name in values}
        if "loss" not in values and "eval_loss" not in values and not measures:
            return
        entry = LogEntry(
            step=step,
            epoch=round(epoch, 4),
            loss=values.get("loss"),
            held_out_loss=values.get("eval_loss"),
            measures=measures,
            learning_rate=values.get("learning_rate"),
            gradient=values.get("grad_norm"),
            seconds=round(time.monotonic() - self._began, 1),
            memory=peak_memory(),
        )
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(entry) + b"\n")
        self._on_entry(entry)


def read(path: Path) -> list[LogEntry]:
    """Read a log; empty where there is none. A last line that was cut off is left out."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    return [msgspec.json.decode(line, type=LogEntry) for line in lines]
