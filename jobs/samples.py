"""The sample data that the program brings: a parts catalogue, and plates with defects."""

from __future__ import annotations

import shutil
from pathlib import Path

# Where `examples/` of a clone is in the wheel: see pyproject.toml.
_PACKED = Path(__file__).with_name("examples")
_CLONED = Path(__file__).parents[1] / "examples"


def folder() -> Path:
    """Where the sample data are."""
    return _PACKED if _PACKED.is_dir() else _CLONED


def copied(target: Path) -> tuple[int, int]:
    """Copy the sample data into a folder; files that are there already stay as they are.

    Returns:
        How many were copied, and how many were there.
    """
    copied = there = 0
    for source in sorted(path for path in folder().rglob("*") if path.is_file()):
        path = target / source.relative_to(folder())
        if path.exists():
            there += 1
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        copied += 1
    return copied, there
