"""Folder of a training run: its settings, checkpoints and result."""

from __future__ import annotations

from pathlib import Path

import msgspec

from encoders.errors import EncoderError
from encoders.training.settings import TrainSettings

CHECKPOINTS = "checkpoints"
SETTINGS = "settings.json"
# Written by the caller when all is done.
RESULT = "result.json"


class RunDiffers(EncoderError):
    """A run cannot go on with other settings than it began with."""

    def __init__(self, path: Path) -> None:
        self.hint = f"give another --out, or take its settings: --config {path}"
        super().__init__(f"{path} has other settings.")


def begin(settings: TrainSettings, out: Path) -> None:
    """Write the settings of a run."""
    out.mkdir(parents=True, exist_ok=True)
    (out / SETTINGS).write_bytes(_written(settings))


def refuse_another(settings: TrainSettings, out: Path) -> None:
    """Refuse a folder that holds a saved run with other settings."""
    path = out / SETTINGS
    saved = newest(out) is not None or (out / RESULT).exists()
    if saved and path.exists() and path.read_bytes() != _written(settings):
        raise RunDiffers(path)


def _written(settings: TrainSettings) -> bytes:
    return msgspec.json.format(msgspec.json.encode(settings), indent=2)


def newest(out: Path) -> Path | None:
    """Checkpoint of the latest step that was written completely.

    The trainer writes `trainer_state.json` last.
    """
    found = [path.parent for path in out.glob(f"{CHECKPOINTS}/checkpoint-*/trainer_state.json")]
    return max(found, key=step_of, default=None)


def step_of(checkpoint: Path) -> int:
    """Steps that were done when a checkpoint was written."""
    return int(checkpoint.name.rpartition("-")[2])
