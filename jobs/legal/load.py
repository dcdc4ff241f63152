"""Loading passages from files of law.go.kr, or from JSONL files of passages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from inputs import files, lines
from inputs.errors import Bad, InputUnusable
from jobs.errors import BadRecord, JobError
from jobs.legal.documents import LegalDocument, passages
from jobs.legal.versions import LawText, Versioned, versioned
from jobs.recipes.legal import RECIPE, Passage
from jobs.types import OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# Passages by id, by the day of the version, by the number of the law.
_Laws: TypeAlias = "dict[str, dict[str, dict[str, Passage]]]"


class NothingToRead(JobError):
    """There are no files of law."""


class LoadedPassages(msgspec.Struct, frozen=True, kw_only=True):
    """The passages of some files, and their errors.

    `deleted` counts articles marked as deleted, `unused` unknown keys by number of passages, `older` versions
    of articles before today's, `repealed` those that ended without a next one.
    """

    passages: list[Passage]
    deleted: int
    errors: list[str]
    unused: Counter[str]
    older: int = 0
    repealed: int = 0


def load(paths: list[Path], *, split_from: int = 0, on_file: OnCount = silent) -> LoadedPassages:
    """Read JSON files, folders of them, and JSONL files of passages.

    A file or line that cannot be read is an error in the result, and the rest goes on. Of passages with
    the same id only the first is kept: the others would overwrite it. Files of one law with different days
    are its versions (`jobs.legal.versions`).

    Files of folders come in the order of their names. `split_from`: see `jobs.legal.documents.passages`.

    Raises:
        NothingToRead: no file is there.
    """
    given = list(_files(paths))
    if not given:
        raise NothingToRead(
            "no .json or .jsonl file is there", "give files of law.go.kr, or folders of them"
        )
    read: list[tuple[str, LegalDocument]] = []
    laws: _Laws = {}
    errors, unused = list[str](), Counter[str]()
    for done, file in enumerate(given, start=1):
        made, wrong = _read(file, split_from, unused)
        read.append((file.name, made))
        errors += wrong
        if made.law:
            days = laws.setdefault(made.law, {})
            _keep(made.passages, file.name, days.setdefault(made.day, {}), errors)
        on_file(done)
    put = _in_order(read, laws, errors)
    return LoadedPassages(
        passages=put.passages,
        deleted=sum(made.deleted for _, made in read),
        errors=errors,
        unused=unused,
        older=put.older,
        repealed=put.repealed,
    )


def _in_order(read: list[tuple[str, LegalDocument]], laws: _Laws, errors: list[str]) -> Versioned:
    """All passages in the order of the files, those of a law with its versions at its first file."""
    kept: dict[str, Passage] = {}
    older = repealed = 0
    for name, made in read:
        found = made.passages
        if days := laws.pop(made.law, None):
            texts = (LawText(day, list(passages.values())) for day, passages in days.items())
            put = versioned(texts)
            found, older, repealed = put.passages, older + put.older, repealed + put.repealed
        elif made.law:
            continue
        _keep(found, name, kept, errors)
    return Versioned(list(kept.values()), older, repealed)


def _keep(found: list[Passage], name: str, kept: dict[str, Passage], errors: list[str]) -> None:
    for passage in found:
        if kept.setdefault(passage.id, passage) is not passage:
            errors.append(f"{name}: id {passage.id} comes twice; the first is kept")


def write(path: Path, found: list[Passage]) -> None:
    """Write passages as JSON lines for `seogo ingest --recipe legal`."""
    path.write_bytes(b"".join(msgspec.json.encode(p) + b"\n" for p in found))


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in (".json", ".jsonl"))
        else:
            yield path


def _read(file: Path, split: int, unused: Counter[str]) -> tuple[LegalDocument, list[str]]:
    try:
        if file.suffix.lower() == ".jsonl":
            found, errors = _read_lines(file, unused)
            return LegalDocument(passages=found, deleted=0), errors
        return passages(files.document(file), file.name, split_from=split), []
    except (BadRecord, InputUnusable) as exc:
        told = str(exc)
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        told = f"{file.name}: not in the shape of lawService.do: {exc}"
    return LegalDocument(passages=[], deleted=0), [told]


def _read_lines(file: Path, unused: Counter[str]) -> tuple[list[Passage], list[str]]:
    found, errors = [], []
    for line in lines.records(file):
        try:
            if isinstance(line, Bad):
                raise BadRecord(line.reason)
            found.append(msgspec.convert(line.value, Passage))
            unused.update(RECIPE.unused(line.value))
        except (BadRecord, msgspec.ValidationError) as exc:
            errors.append(f"{file.name}:{line.line}: {exc}")
    return found, errors
