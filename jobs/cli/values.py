"""Typer callbacks that check option values beyond their type."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from db.spaces.rows import Quantization

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobs.reembed.lifecycle import Feed

# Of seeds: what every library takes that draws by one.
MOST = 2**32 - 2
# Of ids: what the database keeps them in.
MOST_ID = 2**31 - 1
MOST_LONG_ID = 2**63 - 1
Stored = Annotated[
    Quantization | None,
    typer.Option(
        "--quantization",
        help="binary: of vectors of tokens only signs are stored, a sixteenth of the bytes; of single ones"
        " the index holds signs. none: half floats. Without it, as in the live generation.",
    ),
]


def finite(value: float | None) -> float | None:
    """Refuse nan and infinities, which no comparison with a limit catches.

    Raises:
        typer.BadParameter: it is one.
    """
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no number to reckon with")
    return value


def pattern(value: str) -> str:
    """Refuse what is no regular expression.

    Raises:
        typer.BadParameter: it is none, and why.
    """
    try:
        re.compile(value)
    except re.error as exc:
        raise typer.BadParameter(f"{value!r} is no regular expression: {exc}") from exc
    return value


def reader(value: str | None) -> str | None:
    """Refuse an OCR engine that nobody knows: pictures would wait for it for ever.

    Raises:
        typer.BadParameter: there is none of that name; with those there are.
    """
    from encoders.ocr.registry import NAMES

    known = ("auto", *(name for name in NAMES if name != "auto"))
    if value and value not in known:
        raise typer.BadParameter(f"{value}: no such engine; there are {', '.join(known)}")
    return value


def asker_in(value: str | None) -> str | None:
    """Refuse what is no metadata of an item: a JSON object with a key.

    Raises:
        typer.BadParameter: it is none.
    """
    if value is None:
        return None
    try:
        given = msgspec.json.decode(value, type=dict[str, Any])
    except msgspec.DecodeError as exc:
        raise typer.BadParameter(
            f'{exc}; write metadata as JSON: \'{{"category": "image"}}\''
        ) from exc
    if not given:
        raise typer.BadParameter("an empty object fits every item: leave --asker out")
    return value


def shape_in(value: str | None) -> str | None:
    """Refuse a shape of results that is none; an empty text is the empty shape.

    Raises:
        typer.BadParameter: it is no JSON, or has a wrong key, and which.
    """
    from flows.search.shape import ShapeIn

    if value is None:
        return None
    text = value.strip() or "{}"
    try:
        msgspec.json.decode(text, type=ShapeIn)
    except msgspec.DecodeError as exc:
        raise typer.BadParameter(f"{exc}; see search.hybrid in docs/sql-api.md") from exc
    return text


def sources_in(names: Sequence[str]) -> dict[str, list[str]]:
    """Build the sources of a space: one per role of pictures (`@photo`), one of all fields together.

    Raises:
        typer.BadParameter: there is none, or one is empty.
    """
    if not names or not all(name.strip("@ ") for name in names):
        raise typer.BadParameter("name fields, and pictures by their roles: @photo, @nameplate")
    fields = [name for name in names if not name.startswith("@")]
    found = {name[1:]: [name] for name in names if name.startswith("@")}
    return found | ({"item": fields} if fields else {})


def feed_of(text: str) -> Feed:
    """Parse the feed of a space, written COLLECTION=@ROLE,….

    Raises:
        typer.BadParameter: it is not written so.
    """
    from jobs.reembed.lifecycle import Feed

    collection, equals, names = text.partition("=")
    if not equals or not collection:
        raise typer.BadParameter(f"{text}: write COLLECTION=@ROLE, such as parts=@photo")
    return Feed(collection=collection, sources=sources_in(names.split(",")))
