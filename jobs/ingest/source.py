"""The inputs that can be ingested, as numbered records."""

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


class Source(msgspec.Struct, frozen=True):
    """Records of a file, and the folder in which the pictures they name are looked for."""

    file: Path
    media_root: Path

    @property
    def is_table(self) -> bool:
        """Whether it is CSV, whose rows are items."""
        return self.file.suffix.lower() in TABLES

    def records(self) -> Iterator[lines.Record | Bad]:
        """Records with their line in the file, from 1, and what stands between them that is none.

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
        """Refuse what cannot be read, before anything is made for it.

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
        """How many lines there are, for progress."""
        with self.file.open("rb") as file:
            return sum(1 for _ in file)


def find(path: Path, media_root: Path | None) -> Source:
    """The records under a path: a JSONL or CSV file, or a folder with a manifest in it.

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
    return Source(file, media_root or file.parent)


def record(row: Mapping[str, str], is_file: Callable[[str], bool]) -> dict[str, Any]:
    """A row of a manifest as a record.

    `path` names a picture, or several separated by `;`; `role` is theirs. `metadata.year` goes into
    the metadata; every other column is a field.

    Args:
        row: cells by column; empty ones say nothing.
        is_file: tells of a path whether there is such a file, for names with a `;` in them.
    """
    told = {name: cell for name, cell in row.items() if cell}
    key, several = told.pop("external_id", None), told.pop("path", "")
    role = told.pop("role", "photo")
    metadata = {
        n.removeprefix("metadata."): c for n, c in told.items() if n.startswith("metadata.")
    }
    fields = {name: cell for name, cell in told.items() if not name.startswith("metadata.")}
    found: dict[str, Any] = {"external_id": key, "fields": fields, "metadata": metadata}
    if paths := _paths(several, is_file):
        found["media"] = [{"role": role, "path": path} for path in paths]
    return found


def _paths(cell: str, is_file: Callable[[str], bool]) -> list[str]:
    """The paths in a cell; what is a file with its `;` is one, the longest first."""
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
