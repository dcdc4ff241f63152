"""Pictures and the queue of those to be read by OCR and captioners."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from db.calls.call import function, scalar, statement
from db.calls.query import Query
from db.calls.rows import Count, Done, Id

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["ocr", "caption"]


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """A picture file that is known to decode, with its type, size in pixels and thumbnail."""

    data: bytes
    media_type: str
    width: int
    height: int
    thumbnail: bytes


class MediaRow(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of an item: its id, or the reason why there is none."""

    role: str
    position: int
    name: str
    picture_id: int | None = None
    error: str | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Number of pictures, or items (`item_caption`), that wait for a reader: an OCR engine, or a prompt."""

    kind: Kind | Literal["item_caption"]
    name: str
    n: int


class ClaimedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture leased to a reader, and which request to read it that is."""

    picture_id: int
    enqueued_at: datetime


class ClaimedReading(ClaimedPicture, frozen=True, kw_only=True):
    """A picture leased to a reader; `about` is the text of an item that shows it."""

    wanted: str
    about: str | None
    bytes: bytes


class OcrRow(msgspec.Struct, frozen=True, kw_only=True):
    """An OCR line to store; `box` is x and y of four corners in pixels, clockwise."""

    line_no: int
    box: list[float]
    text: str
    normalized: str
    confidence: float
    group_no: int
    engine: str


class IdentifierRow(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier found in the OCR lines of a picture, to store."""

    label: str
    raw: str
    confidence: float


class PromptRow(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt for captioners in its current version, which made `captions` captions."""

    prompt: str
    version: int
    text: str
    max_tokens: int
    created_at: datetime
    captions: int


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A reason of failures: the stage, how many items, and one of them as an example."""

    stage: str
    reason: str
    n: int
    example: str


claim_readings = function("ops.claim_readings", ClaimedReading)
prompts = statement("pictures", "prompts", PromptRow)
# The version in use.
add_prompt = scalar("ops.add_prompt", Count)
# How many pictures wait to be read again.
read_again = scalar("ops.read_again", Count)
# Record why pictures could not be read; they are tried again later, ever more rarely.
fail_readings = statement("pictures", "failed", Count)
# Return claimed pictures to the queue, as if they had not been claimed.
release_readings = statement("pictures", "release", Count)
# How many pictures wait for a reader and could be claimed now.
due_readings = statement("pictures", "due", Count)
# How many pictures wait or are being read; not those that are to be tried again later.
unfinished = statement("pictures", "unfinished", Count)
wanted = statement("pictures", "wanted", Wanted)
# Why pictures could not be read or items not encoded, the most frequent reasons first.
failures = statement("pictures", "failures", Failure)
# How many pictures went.
drop_orphans = scalar("ops.drop_orphans", Count)
_store_picture = scalar("ops.store_picture", Id)
_set_media = scalar("ops.set_media", Count, json=("media",))
_store_ocr = scalar("ops.store_ocr", Done, json=("lines", "identifiers"))
_store_caption = scalar("ops.store_caption", Done, json=("tried",))


def store_picture(picture: Decoded) -> Query[Id]:
    """Store a picture, or find it where it is stored already."""
    return _store_picture(
        bytes=picture.data,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        thumbnail=picture.thumbnail,
    )


def set_media(*, item_id: int, media: Sequence[MediaRow]) -> Query[Count]:
    """Set the pictures of an item; how many rows changed."""
    return _set_media(of_item=item_id, media=media)


def store_ocr(
    claimed: ClaimedReading,
    *,
    reader: str,
    lines: Sequence[OcrRow],
    identifiers: Sequence[IdentifierRow],
    notes: Sequence[str],
) -> Query[Done]:
    """Store the OCR lines of a picture, unless it was queued again since the claim."""
    return _store_ocr(
        of_picture=claimed.picture_id,
        claimed_at=claimed.enqueued_at,
        reader=reader,
        lines=lines,
        identifiers=identifiers,
        notes=notes,
    )


def store_caption(claimed: ClaimedPicture, **caption: Any) -> Query[Done]:
    """Store the caption of a picture, unless it was queued again since the claim.

    Args:
        claimed: the picture.
        caption: other arguments of `ops.store_caption`; `tried` is JSON about the captioners tried before.
    """
    return _store_caption(of_picture=claimed.picture_id, claimed_at=claimed.enqueued_at, **caption)
