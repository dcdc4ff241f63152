"""Registration of pictures from a list that says what each shows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from db.defects.registration import Registered, Specimen, register
from db.errors import BadRequest
from encoders.pictures.decoding import PictureInvalid
from encoders.pictures.sources import PictureUnavailable
from flows.effects import Atomic, Compute, Prepare
from inputs.errors import Bad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flows.effects import Flow
    from inputs.lines import Record


# A line that raises one of these is refused, and the rest goes on.
REFUSED = (ValueError, PictureInvalid, PictureUnavailable, BadRequest, OSError)


class SpecimenLine(Specimen, frozen=True, kw_only=True):
    """A line of the list: a specimen, and the path of its picture."""

    path: str


class UnregisteredLine(msgspec.Struct, frozen=True):
    """A refused line, counted from 1, with the path of its picture if it has one, and the reason."""

    line: int
    path: str | None
    reason: str


class RegisterReport(msgspec.Struct):
    """Counts and refused lines of a list."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[UnregisteredLine] = msgspec.field(default_factory=list)


def register_list(
    records: Iterable[Record | Bad],
    read_file: Callable[[str], bytes],
    on_line: Callable[[int], None] = lambda _line: None,
) -> Flow[RegisterReport]:
    """Register the pictures of a list, each by itself: a bad one is reported, the rest goes on.

    The same list again changes nothing. `read_file` reads a picture by its path in the list, and may raise
    one of `REFUSED`.
    """
    report = RegisterReport()
    for one in records:
        try:
            if isinstance(one, Bad):
                raise ValueError(one.reason)
            done = yield from _register(one, read_file)
            setattr(report, done.action, getattr(report, done.action) + 1)
        except REFUSED as exc:
            report.refused.append(UnregisteredLine(one.line, _path(one), _reason(exc)))
        on_line(one.line)
    return report


def _register(record: Record, read_file: Callable[[str], bytes]) -> Flow[Registered]:
    given = msgspec.convert(record.value, SpecimenLine)
    picture = yield Prepare((yield Compute(read_file, (given.path,))))
    about = {name: getattr(given, name) for name in Specimen.__struct_fields__}
    done: Registered = yield Atomic(partial(register, Specimen(**about), picture))
    return done


def _path(one: Record | Bad) -> str | None:
    path = None if isinstance(one, Bad) else one.value.get("path")
    return path if isinstance(path, str) else None


def _reason(exc: Exception) -> str:
    hint = getattr(exc, "hint", None)
    return f"{exc} {hint}" if hint else str(exc)
