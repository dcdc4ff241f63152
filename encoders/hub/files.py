"""Files of a model folder: configuration and weight counts, without loading the model."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec

from encoders.errors import WeightsInvalid

_PICKLED = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"})


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
