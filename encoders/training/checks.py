"""Checks of a training run before anything is loaded: packages, files of the base, memory of the folder."""

from __future__ import annotations

import json
import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from encoders.errors import EncoderError, EncoderNotInstalled
from encoders.hub import files, models
from encoders.training.heads import kinds, vocabulary
from encoders.training.settings import E5, TrainSettings

EXTRA = "train"
_NEEDED = ("torch", "sentence_transformers", "datasets", "peft", "accelerate")
_QUANTIZER = "bitsandbytes"
_LAYERS = ("num_hidden_layers", "n_layers", "num_layers", "n_layer")
_E5_LAYERS = 12


class RunRefused(EncoderError):
    """A run cannot begin as it is set; the hint says what to type."""

    def __init__(self, detail: str, hint: str) -> None:
        self.hint = hint
        super().__init__(detail)


def check(settings: TrainSettings, models_path: Path) -> None:
    """Refuse what would fail later; imports no model library.

    Raises:
        EncoderNotInstalled: If a package of the extra `train` is absent.
        EncoderNotPulled: If the base is a folder or a hub id that is not here.
        ModelDamaged: If it is not whole.
        WeightsInvalid: If its weights are pickled.
        RunRefused: If a tracker or the quantizer is absent, there is no CUDA for what needs it, or
            more layers are to be frozen than there are.
        WrongKind: If the base is of another kind than is to be trained.
        Unfit: If it cannot become a sparse encoder as it is set.
    """
    for package in _NEEDED:
        if find_spec(package) is None:
            raise EncoderNotInstalled(package, EXTRA)
    for tracker in settings.trackers:
        if find_spec(tracker) is None:
            raise RunRefused(
                f"the tracker {tracker} is not installed",
                f"pip install {tracker}; or leave it out: the JSON log is always written",
            )
    if "mlflow" in settings.trackers:
        _check_mlflow()
    if settings.adapter == "qlora" and settings.lora_rank:
        _check_quantizer()
    if settings.precision == "float16" and not has_cuda():
        raise RunRefused(
            "float16 trains on an accelerator alone, and there is no CUDA here",
            "--set precision=auto",
        )
    vocabulary.refuse_missing(settings)
    _check_layers(settings, models_path)


def has_cuda() -> bool:
    """Whether the driver of an NVIDIA accelerator is here; torch is not asked, its import takes seconds."""
    return shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia/version").exists()


def _check_mlflow() -> None:
    """Refuse a store of files that MLflow itself refuses once the run begins."""
    store = os.environ.get("MLFLOW_TRACKING_URI", "")
    files_ = store.startswith("file:") or (store and ":" not in store)
    if files_ and os.environ.get("MLFLOW_ALLOW_FILE_STORE", "").lower() not in ("true", "1"):
        raise RunRefused(
            f"MLflow no longer writes to files ({store}) by itself",
            "export MLFLOW_ALLOW_FILE_STORE=true, or MLFLOW_TRACKING_URI=sqlite:///mlflow.db",
        )


def _check_quantizer() -> None:
    if not has_cuda():
        raise RunRefused(
            "qlora keeps the weights beneath in 4 bits, on CUDA alone, and there is none here",
            "--set adapter=lora trains the same additions in full precision",
        )
    if find_spec(_QUANTIZER) is None:
        raise RunRefused(
            f"qlora needs the package {_QUANTIZER}",
            f"pip install {_QUANTIZER}, or --set adapter=lora",
        )


def _check_layers(settings: TrainSettings, models_path: Path) -> None:
    layers = _E5_LAYERS
    if settings.base != E5:
        folder = models.folder(settings.base, models_path)
        files.refuse_pickles(folder)
        kinds.refuse_another(settings, folder)
        layers = layer_count(folder) or settings.frozen_layers + 1
    if settings.frozen_layers and settings.frozen_layers >= layers:
        raise RunRefused(
            f"{settings.base} has {layers} layers, not all can be frozen",
            f"--set frozen_layers={max(0, layers - 1)} or fewer",
        )


def layer_count(folder: Path) -> int | None:
    """Layers of a network by its configuration; None where it does not say."""
    for path in sorted(folder.rglob("config.json")):
        try:
            known: Any = json.loads(path.read_bytes())
        except ValueError:
            continue
        found = next((known[key] for key in _LAYERS if isinstance(known.get(key), int)), None)
        if found is not None:
            return int(found)
    return None
