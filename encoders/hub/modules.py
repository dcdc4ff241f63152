"""Modules of a sentence-transformers folder, read from its configuration files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from encoders.errors import WeightsInvalid

SINGLE = ("Transformer", "Pooling", "Dense", "LayerNorm", "Normalize", "Dropout")
TOKENS = (
    "Transformer", "Dense", "MultiVectorMask", "Normalize", "Dropout", "HierarchicalTokenPooling",
)  # fmt: skip
# The library reads PyLate's projection as its own.
_LIBRARIES = ("sentence_transformers.", "pylate.models.Dense.")


def backbone(folder: Path) -> Path:
    """Folder of the network of a sentence-transformers folder: where its first module is."""
    path = folder / "modules.json"
    if not path.exists():
        return folder
    first, *_ = msgspec.json.decode(path.read_bytes(), type=list[dict[str, Any]])
    return folder / str(first.get("path") or "")


def listed(folder: Path, known: tuple[str, ...] = SINGLE) -> list[dict[str, str]]:
    """The modules of a sentence-transformers model, each with `path` and a short `type`."""
    path = folder / "modules.json"
    try:
        listed = msgspec.json.decode(path.read_bytes(), type=list[dict[str, Any]])
        modules = [{"path": m["path"], "type": m["type"].rpartition(".")[2]} for m in listed]
    except (OSError, msgspec.DecodeError, KeyError, AttributeError) as exc:
        raise WeightsInvalid(path, f"it does not list modules: {exc}") from exc
    unknown = [m["type"] for m in modules if m["type"] not in known]
    foreign = [m["type"] for m in listed if not m["type"].startswith(_LIBRARIES)]
    if unknown or foreign or not modules or modules[0]["type"] != "Transformer":
        raise WeightsInvalid(
            path,
            f"only a Transformer followed by {', '.join(known[1:])} is supported, not"
            f" {', '.join(foreign or [m['type'] for m in modules]) or 'nothing'}",
        )
    return modules
