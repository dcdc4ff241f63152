"""The inputs that can be ingested, as numbered JSON lines."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MANIFESTS = ("manifest.jsonl", "manifest.csv")
_SEVERAL = ";"


class InputUnusable(JobError):
    """The input cannot be read as records."""


class Source(msgspec.Struct, frozen=True):
    """Records of a file, and the folder in which the pictures they name are looked for."""

    file: Path
    media_root: Path

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """JSON lines with their numbers in the file, from 1.

        Raises:
            InputUnusable: a CSV file is not UTF-8, has no header, or a row that is none.
        """
        if self.file.suffix.lower() == ".csv":
            yield from _csv_lines(self.file)
        else:
            with self.file.open("rb") as lines:
                yield from enumerate(lines, start=1)

    def count(self) -> int:
        """How many lines there are, for progress."""
        with self.file.open("rb") as lines:
            return sum(1 for _ in lines)


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


def _csv_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as rows:
            reader = csv.DictReader(rows)
            if not reader.fieldnames:
                raise InputUnusable(f"{file} is empty", "its first line names the columns")
            for row in reader:
                yield reader.line_num, msgspec.json.encode(record(row))
    except csv.Error as exc:
        raise InputUnusable(f"{file}:{reader.line_num}: {exc}", "mend that row") from exc
    except UnicodeDecodeError as exc:
        raise InputUnusable(f"{file} is not UTF-8 ({exc.reason})", "save it as UTF-8") from exc


def record(row: Mapping[str | None, Any]) -> dict[str, Any]:
    """A row of a manifest as a record.

    `path` names a picture, or several separated by `;`; `role` is theirs. `metadata.year` goes into
    the metadata; every other column is a field. A row longer than the header keeps the rest under
    the key that says so, which a recipe refuses.
    """
    fields = {k: v for k, v in row.items() if k and v and not k.startswith("metadata.")}
    metadata = {
        k.removeprefix("metadata."): v
        for k, v in row.items()
        if k and v and k.startswith("metadata.")
    }
    external_id = fields.pop("external_id", None)
    paths = [p.strip() for p in fields.pop("path", "").split(_SEVERAL) if p.strip()]
    role = fields.pop("role", "photo")
    found: dict[str, Any] = {"external_id": external_id, "fields": fields, "metadata": metadata}
    if paths:
        found["media"] = [{"role": role, "path": path} for path in paths]
    if None in row:
        found["more columns than the header"] = row[None]
    return found
