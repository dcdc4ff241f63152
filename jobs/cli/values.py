"""Typer callbacks that check option values beyond their type."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec
import typer

# Of seeds: what every library takes that draws by one.
MOST = 2**32 - 2
# Of ids: what the database keeps them in.
MOST_ID = 2**31 - 1
MOST_LONG_ID = 2**63 - 1


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


def vector_sources_in(value: str | None) -> str | None:
    """Refuse what names no fields for vectors.

    Raises:
        typer.BadParameter: it is no JSON object of lists, and why.
    """
    if value is not None:
        try:
            msgspec.json.decode(value, type=dict[str, list[str]])
        except msgspec.DecodeError as exc:
            raise typer.BadParameter(f'{exc}; such as {{"item": ["title"]}}') from exc
    return value
