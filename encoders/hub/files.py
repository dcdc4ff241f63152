"""Files of a model folder: configuration and weight counts, without loading the model."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec

from encoders.errors import WeightsInvalid

_PICKLED = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"})

_POOLING = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}


def config(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds one object.

    Raises:
        WeightsInvalid: If it is absent or not that.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        raise WeightsInvalid(path, "it is missing, so this folder is not such a model") from None
    except (OSError, msgspec.DecodeError) as exc:
        raise WeightsInvalid(path, str(exc)) from exc


def optional_config(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds one object; empty where there is no file.

    Raises:
        WeightsInvalid: If it is not that.
    """
    return config(path) if path.exists() else {}


def refuse_pickles(folder: Path) -> None:
    """Refuse pickled weights: reading them can run code.

    Raises:
        WeightsInvalid: If somewhere in the folder weights are pickled only.
    """
    for path in sorted(folder.rglob("*")):
        if path.suffix in _PICKLED and not any(path.parent.glob("*.safetensors")):
            raise WeightsInvalid(
                path,
                "pickled weights are not loaded, they can run code. Use a revision of the model with"
                f" safetensors, or convert it: python -m encoders.hub.convert {path.parent}",
            )


def parameters(folder: Path) -> int:
    """Count the weights in the safetensors files of a folder.

    Raises:
        WeightsInvalid: If there are none, or a file is not one.
    """
    files = sorted(folder.rglob("*.safetensors"))
    if not files:
        raise WeightsInvalid(folder, "it holds no weights (*.safetensors)")
    return sum(_parameters(path) for path in files)


def _parameters(path: Path) -> int:
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 0 < size < path.stat().st_size:
            raise WeightsInvalid(path, "it is not a safetensors file")
        header = file.read(size)
    try:
        tensors = msgspec.json.decode(header, type=dict[str, dict[str, Any]])
        return sum(math.prod(t["shape"]) for name, t in tensors.items() if name != "__metadata__")
    except (msgspec.DecodeError, KeyError, TypeError) as exc:
        raise WeightsInvalid(path, f"its header is damaged: {exc}") from exc


def pooling_modes(path: Path) -> list[str]:
    """Names of the pooling modes, of either generation of the file, in the library's order."""
    values = optional_config(path)
    if values.get("include_prompt") is False:
        raise WeightsInvalid(path, "pooling that leaves the prompt out is not supported")
    mode = values.get("pooling_mode")
    if mode:
        return [mode] if isinstance(mode, str) else list(mode)
    return [mode for key, mode in _POOLING.items() if values.get(key)] or ["mean"]
