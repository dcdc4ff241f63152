"""Manifest of a model folder: the expected files, and checks against it."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

MANIFEST = "manifest.json"
# Hashing lets other threads run, and the files of large models come in several pieces.
_HASHING_THREADS = 4


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a model; size in bytes."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The files of a model by their path in its folder, and where they are from.

    Attributes:
        files: By path relative to the folder, with forward slashes.
        source: Hub id of a pulled model.
        revision: Commit of a pulled model, or what its contents are named by.
    """

    files: dict[str, File]
    source: str = ""
    revision: str = ""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())


def describe(folder: Path) -> dict[str, File]:
    """Hash every file in a folder, its manifest left out.

    Raises:
        OSError: If one cannot be read.
    """
    names = sorted(_names(folder))
    with ThreadPoolExecutor(_HASHING_THREADS) as pool:
        return dict(zip(names, pool.map(lambda name: _hashed(folder / name), names), strict=True))


def write(folder: Path, files: dict[str, File], source: str = "", revision: str = "") -> None:
    """Write the manifest of a folder whose files are as described."""
    encoded = msgspec.json.encode(Manifest(files, source, revision))
    (folder / MANIFEST).write_bytes(msgspec.json.format(encoded, indent=2))


def read(folder: Path) -> Manifest:
    """Read the manifest of a model folder.

    Raises:
        OSError: If there is none that can be read.
        msgspec.DecodeError: If it is not one.
    """
    return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)


def faults(folder: Path) -> list[str]:
    """Faults of a model folder, one line per file; empty if there are none.

    A file that the manifest does not list is a fault as well: a loader may prefer it.
    """
    try:
        expected = read(folder).files
        found = describe(folder)
    except FileNotFoundError as exc:
        return [f"{exc.filename} is missing"]
    except (OSError, msgspec.DecodeError) as exc:
        return [f"{folder / MANIFEST}: {exc}"]
    if not expected:
        return [f"{folder / MANIFEST} lists no files"]
    found_faults = {name: "is missing" for name in expected.keys() - found.keys()}
    found_faults |= {name: "is not part of the model" for name in found.keys() - expected.keys()}
    found_faults |= {
        name: _difference(expected[name], found[name])
        for name in expected.keys() & found.keys()
        if expected[name] != found[name]
    }
    return [f"{name} {fault}" for name, fault in sorted(found_faults.items())]


def fingerprint(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of the files of a folder: a cheap sign of changes."""
    names = sorted([*_names(folder), MANIFEST])
    stats = ((name, (folder / name).stat()) for name in names if (folder / name).exists())
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _difference(expected: File, found: File) -> str:
    if expected.size != found.size:
        return f"has {found.size} bytes instead of {expected.size}"
    return "has changed: its sha256 is another"


def _names(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return [name for path in paths if (name := path.relative_to(folder).as_posix()) != MANIFEST]


def _hashed(path: Path) -> File:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return File(digest.hexdigest(), file.tell())
