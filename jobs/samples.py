"""The bundled sample data: a parts catalogue, and plates with defects."""

from __future__ import annotations

import shutil
from pathlib import Path

# The place of a clone's `examples/` in the wheel: see pyproject.toml.
_PACKED = Path(__file__).with_name("examples")
_CLONED = Path(__file__).parents[1] / "examples"


def folder() -> Path:
    """The folder of the sample data."""
    return _PACKED if _PACKED.is_dir() else _CLONED


def copy_to(target: Path) -> tuple[int, int]:
    """Copy the sample data into a folder; existing files stay.

    Returns:
        How many were copied, and how many were there.
    """
    copied = there = 0
    for source in sorted(path for path in folder().rglob("*") if path.is_file()):
        path = target / source.relative_to(folder())
        if path.exists():
            there += 1
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, path)
            copied += 1
    return copied, there
