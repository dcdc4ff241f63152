"""Pictures to be shown: their files, thumbnails, and what was read in them."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from db.calls.query import Query
from db.sqlfiles import statements


class PictureInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A stored picture: what its file is. Sizes in pixels, and in bytes."""

    picture_id: int
    sha256: str
    media_type: str
    width: int
    height: int
    size: int
    thumbnail_size: int | None


class SpaceName(msgspec.Struct, frozen=True):
    """A space, by its name."""

    name: str


class Data(msgspec.Struct, frozen=True):
    """Bytes of a file, or of a piece of it."""

    data: bytes


class OcrLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line read in a picture: `box` is x and y of four corners in pixels, clockwise."""

    line_no: int
    box: list[float]
    text: str
    normalized: str
    confidence: float
    group_no: int


class PictureIdentifier(msgspec.Struct, frozen=True, kw_only=True):
    """A number found among the lines of a picture."""

    label: str
    raw: str
    confidence: float


class ItemMedia(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of an item with all that was read in it; or the reason why there is none (`error`).

    `readings`: `ocr` and `caption` to read, waiting or failed, where they were asked for.
    """

    role: str
    position: int
    name: str | None
    picture_id: int | None
    error: str | None
    media_type: str | None
    width: int | None
    height: int | None
    caption: str | None
    lines: list[OcrLine]
    identifiers: list[PictureIdentifier]
    readings: dict[str, Literal["read", "waiting", "failed"]]

    @classmethod
    def from_row(cls, **row: Any) -> ItemMedia:
        """Build from the columns of the query, some being decoded JSON."""
        return msgspec.convert(row, cls)


def picture(*, picture_id: int, collection: str | None = None) -> Query[PictureInfo]:
    """What a picture is, where an item shows it: any item, or one of a collection."""
    params = {"picture_id": picture_id, "collection": collection}
    return Query(statements("gallery")["picture"], params, PictureInfo)


def piece(*, picture_id: int, start: int, size: int) -> Query[Data]:
    """Bytes [start, start + size) of a picture's file."""
    params = {"picture_id": picture_id, "start": start, "size": size}
    return Query(statements("gallery")["bytes"], params, Data)


def thumbnail(*, picture_id: int) -> Query[Data]:
    """The small version of a picture, WebP."""
    return Query(statements("gallery")["thumbnail"], {"picture_id": picture_id}, Data)


def spaces(*, item_id: int) -> Query[SpaceName]:
    """The live spaces in which an item has vectors, by name."""
    return Query(statements("gallery")["spaces"], {"item_id": item_id}, SpaceName)


def media(*, item_id: int) -> Query[ItemMedia]:
    """The pictures of an item, photos before nameplates before others."""
    return Query(statements("gallery")["media"], {"item_id": item_id}, ItemMedia.from_row)
