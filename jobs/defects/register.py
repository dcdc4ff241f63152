"""Registration of pictures from a list that says what each shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls import steps
from db.calls.query import fetch
from db.defects.registration import PICTURES, PICTURES_NAME, Registered, Specimen, register
from db.errors import BadRequest
from db.items.items import create_collection
from encoders.pictures.decoding import PictureInvalid
from inputs.errors import Bad
from jobs.ingest.media import decode_picture
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from inputs.lines import Record


class SpecimenLine(Specimen, frozen=True, kw_only=True):
    """A line of the list: a specimen, and the path of its picture."""

    path: str


class UnregisteredLine(msgspec.Struct, frozen=True):
    """A refused line, counted from 1, and the reason."""

    line: int
    reason: str


class RegisterReport(msgspec.Struct):
    """Counts and refused lines of a list."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[UnregisteredLine] = msgspec.field(default_factory=list)


def ensure_collection(conn: Conn, name: str = PICTURES_NAME) -> None:
    """Create the collection of pictures if it is missing."""
    fetch(conn, create_collection(name=name, settings=PICTURES))


def from_list(
    conn: Conn, read: Iterable[Record | Bad], folder: Path, on_line: OnCount = silent
) -> RegisterReport:
    """Register the pictures of a list, each by itself: a bad one is reported, the rest goes on.

    The same list again changes nothing.

    Paths begin at the folder, and none may lead out of it; `read` gives JSON objects, see `SpecimenLine`.
    """
    report = RegisterReport()
    for line in read:
        try:
            if isinstance(line, Bad):
                raise ValueError(line.reason)
            done = _one(conn, line, folder)
            setattr(report, done.action, getattr(report, done.action) + 1)
        except (ValueError, PictureInvalid, BadRequest, OSError) as exc:
            report.refused.append(UnregisteredLine(line.line, _reason(exc)))
        on_line(line.line)
    return report


def _one(conn: Conn, line: Record, folder: Path) -> Registered:
    given = msgspec.convert(line.value, SpecimenLine)
    path = (folder / given.path).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise OSError(f"{given.path} leads out of {folder}")
    picture = decode_picture(path.read_bytes())
    specimen = {name: getattr(given, name) for name in Specimen.__struct_fields__}
    with conn.transaction():
        return steps.run(conn, register(Specimen(**specimen), picture))


def _reason(exc: Exception) -> str:
    hint = getattr(exc, "hint", None)
    return f"{exc} {hint}" if hint else str(exc)
