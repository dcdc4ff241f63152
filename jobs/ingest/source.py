"""Inputs of ingest (JSONL, CSV, folders with a manifest) as numbered records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from inputs import lines, tables
from inputs.errors import Bad, InputUnusable
from inputs.values import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jobs.recipes.base import Recipe

MANIFESTS = ("manifest.jsonl", "manifest.csv")
TABLES = (".csv", ".tsv")
_SEVERAL = ";"


class IngestSource(msgspec.Struct, frozen=True):
    """A file of records, and the folder of the pictures they name."""

    file: Path
    media_root: Path

    @property
    def is_table(self) -> bool:
        """Whether it is CSV or TSV."""
        return self.file.suffix.lower() in TABLES

    def records(self) -> Iterator[lines.Record | Bad]:
        """Read the records with their line numbers, from 1, and the unreadable lines.

        Raises:
            InputUnusable: the file cannot be read, or is something else than its name says.
        """
        if not self.is_table:
            yield from lines.records(self.file)
            return
        for row in tables.rows(self.file, ("external_id",)):
            if isinstance(row, Bad):
                yield row
            else:
                found = record(row.cells, lambda path: (self.media_root / path).is_file())
                yield lines.Record(row.line, found, encode(found))

    def check(self, recipe: Recipe) -> None:
        """Check that the file is readable and fits the recipe.

        Raises:
            InputUnusable: see `records`; or it is a table, and the recipe takes no items.
        """
        if self.is_table and "fields" not in recipe.takes:
            raise InputUnusable(
                f"{self.file}: the recipe {recipe.name} does not take tables",
                "give JSON lines, or take the recipe generic: columns become fields",
            )
        if self.file.exists() and not self.file.is_file():
            raise InputUnusable(f"{self.file} is no file", "it is read more than once: give a file")
        next(self.records(), None)

    def count(self) -> int:
        """Count the lines."""
        with self.file.open("rb") as file:
            return sum(1 for _ in file)


def find(path: Path, media_root: Path | None) -> IngestSource:
    """Find the input under a path: a JSONL or CSV file, or a folder with a manifest.

    Raises:
        InputUnusable: a folder has no manifest.
    """
    file = path
    if path.is_dir():
        there = [path / name for name in MANIFESTS if (path / name).is_file()]
        if not there:
            raise InputUnusable(
                f"{path} has no manifest",
                f"put a {' or '.join(MANIFESTS)} into it that names its files",
            )
        file = there[0]
    return IngestSource(file, media_root or file.parent)


def record(row: Mapping[str, str], is_file: Callable[[str], bool]) -> dict[str, Any]:
    """Convert a row of a manifest to a record.

    `path` names a picture, or several separated by `;`; `role` is theirs. `metadata.year` goes into
    the metadata; every other column is a field.

    Empty cells say nothing. `is_file` tells names with a `;` in them from several paths.
    """
    cells = {name: cell for name, cell in row.items() if cell}
    key, several = cells.pop("external_id", None), cells.pop("path", "")
    role = cells.pop("role", "photo")
    metadata = {n[9:]: cell for n, cell in cells.items() if n.startswith("metadata.")}
    fields = {n: cell for n, cell in cells.items() if not n.startswith("metadata.")}
    found: dict[str, Any] = {"external_id": key, "fields": fields, "metadata": metadata}
    if paths := _paths(several, is_file):
        found["media"] = [{"role": role, "path": path} for path in paths]
    return found


def _paths(cell: str, is_file: Callable[[str], bool]) -> list[str]:
    """Split a cell into paths; a file whose name has a `;` is one path."""
    parts = cell.split(_SEVERAL)
    paths = []
    while parts:
        ends = range(len(parts), 1, -1)
        whole = (_SEVERAL.join(parts[:end]).strip() for end in ends)
        end, path = next(
            ((end, path) for end, path in zip(ends, whole, strict=True) if is_file(path)),
            (1, parts[0].strip()),
        )
        paths += [path] if path else []
        parts = parts[end:]
    return paths
