"""Stored pictures: files, thumbnails, OCR lines, captions."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from db.calls.call import statement
from db.calls.rows import NameRow


class PictureInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The file of a stored picture; width and height in pixels, sizes in bytes."""

    picture_id: int
    sha256: str
    media_type: str
    width: int
    height: int
    size: int
    thumbnail_size: int | None


class Data(msgspec.Struct, frozen=True):
    """Bytes of a file, or of a part of it."""

    data: bytes


class OcrLine(msgspec.Struct, frozen=True, kw_only=True):
    """An OCR line; `box` is x and y of four corners in pixels, clockwise."""

    line_no: int
    box: list[float]
    text: str
    normalized: str
    confidence: float
    group_no: int


class PictureIdentifier(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier found in the OCR lines of a picture."""

    label: str
    raw: str
    confidence: float


class ItemMedia(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of an item with its caption and OCR lines, or the reason why it is missing (`error`).

    `readings`: the state of `ocr` and `caption`, where they were requested.
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
        """Build from columns of which some are decoded JSON."""
        return msgspec.convert(row, cls)


class ItemCaption(msgspec.Struct, frozen=True, kw_only=True):
    """The caption of all pictures of an item: one text, made or to be made.

    Attributes:
        state: whether it is there; a `caption` beside another state is the one before.
        searched: whether all pictures it was made of are still there.
        pictures: how many the item has.
        of_pictures: how many of them the captioner saw.
        unanswered: how many it should have described one by one in the same call, and did not.
    """

    state: Literal["made", "waiting", "failed"]
    caption: str | None
    searched: bool
    pictures: int
    of_pictures: int | None
    unanswered: int
    captioner: str | None
    prompt: str | None
    error: str | None


# Of a picture that an item shows: any item, or one of a collection.
picture = statement("stored_pictures", "picture", PictureInfo, collection=None)
# Bytes [start, start + size) of a picture's file.
piece = statement("stored_pictures", "bytes", Data)
# WebP.
thumbnail = statement("stored_pictures", "thumbnail", Data)
# Live spaces in which an item has vectors, by name.
spaces = statement("stored_pictures", "spaces", NameRow)
# Pictures of an item: photos before nameplates before others.
media = statement("stored_pictures", "media", ItemMedia.from_row)
# Of an item with several pictures, where captions are wanted.
whole = statement("stored_pictures", "whole", ItemCaption)
