"""A folder of fetched documents: which versions are there, by a list that grows line by line."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

LIST = "fetched.log"


class FetchedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list: a document, the number and day of its version, and the sha256 of its file."""

    document: str
    version: str
    day: str = ""
    sha256: str = ""


class Fetched:
    """The documents of a folder; a line is written once its file is whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, FetchedLine] = {}
        self._versions: set[tuple[str, str]] = set()
        path = folder / LIST
        if path.exists():
            for line in path.read_bytes().splitlines():
                self._note(line)

    def _note(self, line: bytes) -> None:
        """Take a line; one that was cut off when the machine stopped counts as not written."""
        try:
            found = msgspec.json.decode(line, type=FetchedLine)
        except msgspec.DecodeError:
            return
        self._known[found.document] = found
        self._versions.add((found.document, found.version))

    def has(self, document: str, version: str) -> bool:
        """Whether a version of a document was fetched."""
        return (document, version) in self._versions

    def keep(self, document: str, version: str, day: str, record: dict[str, Any]) -> None:
        """Write a document; the file of its version before goes aside, under that version's day."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{document}.json"
        content = msgspec.json.format(msgspec.json.encode(record))
        before = self._known.get(document)
        # The same content: it was written, and the line was not.
        if before is not None and path.exists() and path.read_bytes() != content:
            path.replace(self._folder / f"{document}@{before.day or before.version}.json")
        new = path.with_suffix(".new")
        new.write_bytes(content)
        new.replace(path)
        line = FetchedLine(
            document=document,
            version=version,
            day=day,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        with (self._folder / LIST).open("ab") as out:
            out.write(b"\n" + msgspec.json.encode(line))
        self._note(msgspec.json.encode(line))
