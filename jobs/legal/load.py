"""Loading passages from files of law.go.kr, or from JSONL files of passages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from inputs import files, lines
from inputs.errors import Bad, InputUnusable
from jobs.errors import BadRecord, JobError
from jobs.legal.documents import passages
from jobs.recipes.legal import RECIPE, Passage
from jobs.types import OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class NothingToRead(JobError):
    """There are no files of law."""


class LoadedPassages(msgspec.Struct, frozen=True, kw_only=True):
    """The passages of some files, and their errors.

    `deleted` counts articles marked as deleted, `unused` unknown keys by number of passages.
    """

    passages: list[Passage]
    deleted: int
    errors: list[str]
    unused: Counter[str]


def load(paths: list[Path], *, split_from: int = 0, on_file: OnCount = silent) -> LoadedPassages:
    """Read JSON files, folders of them, and JSONL files of passages.

    A file or line that cannot be read is an error in the result, and the rest goes on. Of passages with
    the same id only the first is kept: the others would overwrite it.

    Files of folders come in the order of their names. `split_from`: see `jobs.legal.documents.passages`.

    Raises:
        NothingToRead: no file is there.
    """
    given = list(_files(paths))
    if not given:
        raise NothingToRead(
            "no .json or .jsonl file is there", "give files of law.go.kr, or folders of them"
        )
    kept: dict[str, Passage] = {}
    gone, errors = 0, list[str]()
    unused = Counter[str]()
    for done, file in enumerate(given, start=1):
        found, deleted, wrong = _read(file, split_from, unused)
        gone += deleted
        errors += wrong
        for passage in found:
            if passage.id in kept:
                errors.append(f"{file.name}: id {passage.id} comes twice; the first is kept")
            else:
                kept[passage.id] = passage
        on_file(done)
    return LoadedPassages(passages=list(kept.values()), deleted=gone, errors=errors, unused=unused)


def write(path: Path, found: list[Passage]) -> None:
    """Write passages as JSON lines for `seogo ingest --recipe legal`."""
    path.write_bytes(b"".join(msgspec.json.encode(p) + b"\n" for p in found))


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in (".json", ".jsonl"))
        else:
            yield path


def _read(file: Path, split: int, unused: Counter[str]) -> tuple[list[Passage], int, list[str]]:
    try:
        if file.suffix.lower() == ".jsonl":
            return _read_lines(file, unused)
        made = passages(files.document(file), file.name, split_from=split)
    except (BadRecord, InputUnusable) as exc:
        return [], 0, [str(exc)]
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        return [], 0, [f"{file.name}: not in the shape of lawService.do: {exc}"]
    return made.passages, made.deleted, []


def _read_lines(file: Path, unused: Counter[str]) -> tuple[list[Passage], int, list[str]]:
    found, errors = [], []
    for line in lines.records(file):
        try:
            if isinstance(line, Bad):
                raise BadRecord(line.reason)
            found.append(msgspec.convert(line.value, Passage))
            unused.update(RECIPE.unused(line.value))
        except (BadRecord, msgspec.ValidationError) as exc:
            errors.append(f"{file.name}:{line.line}: {exc}")
    return found, 0, errors
