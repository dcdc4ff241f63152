"""Registering pictures from a list: what each shows is said there, never read from a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.calls import steps
from db.calls.query import fetch
from db.defects.registration import (
    PICTURES,
    PICTURES_NAME,
    Registered,
    Specimen,
    register,
)
from db.errors import BadRequest
from db.items.items import create_collection
from db.operations.readings import Decoded
from encoders.pictures import decoding
from inputs.errors import Bad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import psycopg

    from inputs.lines import Record

THUMBNAIL_SIDE = 320


class Line(Specimen, frozen=True, kw_only=True):
    """A line of a list: a specimen and the path of its picture, from where the list is."""

    path: str


class Refused(msgspec.Struct, frozen=True):
    """A line that was not taken, counted from 1, and why."""

    line: int
    reason: str


class Report(msgspec.Struct):
    """What came of a list."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[Refused] = msgspec.field(default_factory=list)


def ensure_collection(conn: psycopg.Connection[Any], name: str = PICTURES_NAME) -> None:
    """Make the collection of pictures if it is not there."""
    fetch(conn, create_collection(name=name, settings=PICTURES))


def from_list(
    conn: psycopg.Connection[Any],
    read: Iterable[Record | Bad],
    folder: Path,
    on_line: Callable[[int], None] = lambda _line: None,
) -> Report:
    """Register the pictures of a list of JSON lines, each by itself: a bad one is named, the rest goes on.

    The same list again changes nothing.

    Args:
        conn: autocommit connection.
        read: JSON objects, see `Line`, and lines that are none.
        folder: where paths begin; none leads out of it.
        on_line: called with the number of every line done.
    """
    report = Report()
    for line in read:
        try:
            if isinstance(line, Bad):
                raise ValueError(line.reason)
            done = _one(conn, line, folder)
            setattr(report, done.action, getattr(report, done.action) + 1)
        except (ValueError, decoding.PictureInvalid, BadRequest, OSError) as exc:
            report.refused.append(Refused(line.line, _reason(exc)))
        on_line(line.line)
    return report


def _one(conn: psycopg.Connection[Any], line: Record, folder: Path) -> Registered:
    given = msgspec.convert(line.value, Line)
    path = (folder / given.path).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise OSError(f"{given.path} leads out of {folder}")
    picture = to_store(path.read_bytes())
    told = {name: getattr(given, name) for name in Specimen.__struct_fields__}
    with conn.transaction():
        return steps.run(conn, register(Specimen(**told), picture))


def to_store(data: bytes) -> Decoded:
    """A picture as it is stored, with its thumbnail.

    Raises:
        PictureInvalid: it is no picture, is damaged, or exceeds the limits.
    """
    pixels = decoding.decode(data)
    return Decoded(
        data=data,
        media_type=decoding.media_type(data),
        width=pixels.shape[1],
        height=pixels.shape[0],
        thumbnail=decoding.thumbnail(pixels, THUMBNAIL_SIDE),
    )


def _reason(exc: Exception) -> str:
    hint = getattr(exc, "hint", None)
    return f"{exc} {hint}" if hint else str(exc)
