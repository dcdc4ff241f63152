"""The bundled sample data: a parts catalogue, and plates with defects."""

from __future__ import annotations

import shutil
from pathlib import Path

from db.items.rows import NewCollection

COLLECTION = "parts"
PARTS = NewCollection(
    # What is read on a nameplate says little about the part, and reading errs.
    field_weights={"title": 2.0, "part_number": 2.0, "maker": 1.5, "ocr": 0.5, "caption": 0.5},
    identifier_fields=["part_number", "serial_number"],
    # Part numbers say nothing to a language model; they have a leg of their own.
    vector_sources={
        "text": {"item": ["title", "category", "maker", "description"], "caption": ["caption"]},
        "image": {"photo": ["@photo"], "nameplate": ["@nameplate"]},
    },
    picture_readers={"ocr": "auto"},
)
# The place of a clone's `examples/` in the wheel: see pyproject.toml.
_PACKED = Path(__file__).with_name("examples")
_CLONED = Path(__file__).parents[1] / "examples"


def folder() -> Path:
    """The folder of the sample data."""
    return _PACKED if _PACKED.is_dir() else _CLONED


def parts() -> Path:
    """The file of the parts catalogue, an item per line."""
    return folder() / "parts.jsonl"


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
