"""Selection of the files of a model repository to download."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

# In order of preference; a repository often holds the same weights in several formats.
_WEIGHTS = (
    ("*.safetensors",),
    ("*.onnx", "*.onnx_data", "*.onnx.data"),
    ("*.pdiparams",),
)
# Configuration, tokenizers, chat templates, licences; and two small heads that are published as
# tensors only, which their loader reads with `weights_only`.
_BESIDE = (
    "*.json", "*.txt", "*.model", "*.jinja", "*.yml", "LICENSE*", "NOTICE*",
    "sparse_linear.pt", "colbert_linear.pt",
)  # fmt: skip
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle", "*.h5", "*.msgpack")


def select_files(names: Iterable[str]) -> tuple[list[str], str]:
    """Choose the files to take from a repository.

    Args:
        names: Paths with forward slashes.

    Returns:
        The files to take, sorted, and the problem: empty, or why they hold no usable model.
    """
    safe = [name for name in names if _inside(name)]
    beside = _matching(safe, _BESIDE)
    pickled = sorted(set(_matching(safe, _PICKLED)) - set(beside))
    # Beside pickled weights an ONNX file is an extra, which loaders of the model do not read.
    formats = _WEIGHTS[:1] if pickled else _WEIGHTS
    weights = next((found for patterns in formats if (found := _matching(safe, patterns))), [])
    if weights:
        return sorted({*weights, *beside}), ""
    if pickled:
        return [], (
            f"its weights are pickled only ({', '.join(pickled[:3])}), which can run code when"
            " loaded; name a revision with safetensors, or download it yourself, convert it"
            " (python -m encoders.hub.convert FOLDER) and pull it --from that folder"
        )
    return [], "it holds no weights (*.safetensors, *.onnx)"


def _inside(name: str) -> bool:
    """Whether a path stays in its folder and is not hidden."""
    return not name.startswith("/") and all(
        not part.startswith(".") for part in PurePosixPath(name).parts
    )


def _matching(names: Iterable[str], patterns: Iterable[str]) -> list[str]:
    kept = tuple(patterns)
    return [
        name
        for name in names
        if any(fnmatchcase(PurePosixPath(name).name, pattern) for pattern in kept)
    ]
