"""Steps of training as they are recorded: pairs, runs with their curves, gates."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from db.calls.call import function, procedure, scalar, statement
from db.calls.rows import Id

Kind = Literal["pairs", "mined", "changed", "run", "gate"]
State = Literal["running", "done", "refused", "failed", "interrupted"]


class TrainingStep(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.training`; `refused` counts what was left out by reason."""

    step_id: int
    kind: Kind
    name: str
    state: State
    made_from: list[str]
    made: list[str]
    facts: dict[str, Any]
    refused: dict[str, Any]
    error: str | None
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    last_at: int | None
    last_point: dict[str, float] | None


class CurvePoint(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.training_curve`: losses and measures at an optimiser step."""

    at: int
    point: dict[str, float]


begin = scalar("ops.begin_training", Id, json=("facts",))
note = procedure("ops.note_training", json=("point",))
end = procedure("ops.end_training", json=("facts", "refused"))
# What led to a step, the step, and what came of it.
training_loop = function("search.training_loop", TrainingStep)
training_curve = function("search.training_curve", CurvePoint)
# The latest first; `before` goes on behind a step.
steps = statement("training", "steps", TrainingStep, before=None, kind=None)
