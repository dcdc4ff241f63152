"""Wrappers of pictures and of the queue of those to be read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from psycopg.types.json import Jsonb

from db.calls.query import Count, Query
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["ocr", "caption"]


class _Id(msgspec.Struct, frozen=True):
    id: int


class _Done(msgspec.Struct, frozen=True):
    done: bool


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that was decoded once, to see that it can be: its file, and what it is."""

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
    """How many pictures wait for a reader: an OCR engine, or a prompt for captions."""

    kind: Kind
    name: str
    n: int


class ClaimedReading(msgspec.Struct, frozen=True, kw_only=True):
    """A picture leased to a reader; `about` is the text of an item that shows it."""

    picture_id: int
    enqueued_at: datetime
    wanted: str
    about: str | None
    bytes: bytes


class OcrRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line to store: `box` is x and y of four corners in pixels, clockwise."""

    line_no: int
    box: list[float]
    text: str
    normalized: str
    confidence: float
    group_no: int
    engine: str


class IdentifierRow(msgspec.Struct, frozen=True, kw_only=True):
    """A number found among the lines of a picture."""

    label: str
    raw: str
    confidence: float


class PromptRow(msgspec.Struct, frozen=True, kw_only=True):
    """What captioners are told now by a prompt of a name; `captions` were made by this version."""

    prompt: str
    version: int
    text: str
    max_tokens: int
    created_at: datetime
    captions: int


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A reason why items wait: in which stage, how many, and one of them."""

    stage: str
    reason: str
    n: int
    example: str


def store_picture(picture: Decoded) -> Query[_Id]:
    """`ops.store_picture`."""
    return Query(
        "SELECT ops.store_picture(%(data)s, %(media_type)s, %(width)s, %(height)s, %(thumbnail)s) AS id",
        msgspec.structs.asdict(picture),
        _Id,
    )


def set_media(*, item_id: int, media: Sequence[MediaRow]) -> Query[Count]:
    """`ops.set_media`; how many rows changed."""
    return Query(
        "SELECT ops.set_media(%(item_id)s, %(media)s) AS n",
        {"item_id": item_id, "media": _json(list(media))},
        Count,
    )


def claim_readings(*, kind: Kind, batch_n: int) -> Query[ClaimedReading]:
    """`ops.claim_readings`."""
    return Query(
        "SELECT * FROM ops.claim_readings(%(kind)s, %(batch_n)s)",
        {"kind": kind, "batch_n": batch_n},
        ClaimedReading,
    )


def store_ocr(
    claimed: ClaimedReading,
    *,
    reader: str,
    lines: Sequence[OcrRow],
    identifiers: Sequence[IdentifierRow],
    notes: Sequence[str],
) -> Query[_Done]:
    """`ops.store_ocr`."""
    return Query(
        "SELECT ops.store_ocr(%(picture_id)s, %(enqueued_at)s, %(reader)s, %(lines)s,"
        " %(identifiers)s, %(notes)s) AS done",
        {
            "picture_id": claimed.picture_id,
            "enqueued_at": claimed.enqueued_at,
            "reader": reader,
            "lines": _json(list(lines)),
            "identifiers": _json(list(identifiers)),
            "notes": list(notes),
        },
        _Done,
    )


def store_caption(
    claimed: ClaimedReading,
    *,
    caption: str,
    captioner: str,
    prompt: str,
    tokens: int | None,
    latency_ms: float,
    tried: Any,
) -> Query[_Done]:
    """`ops.store_caption`; `tried` is whatever JSON says who else was asked."""
    return Query(
        "SELECT ops.store_caption(%(picture_id)s, %(enqueued_at)s, %(caption)s, %(captioner)s,"
        " %(prompt)s, %(tokens)s, %(latency_ms)s::real, %(tried)s) AS done",
        {
            "picture_id": claimed.picture_id,
            "enqueued_at": claimed.enqueued_at,
            "caption": caption,
            "captioner": captioner,
            "prompt": prompt,
            "tokens": tokens,
            "latency_ms": latency_ms,
            "tried": _json(tried),
        },
        _Done,
    )


def prompts() -> Query[PromptRow]:
    """The view `search.prompts`."""
    return Query("SELECT * FROM search.prompts ORDER BY prompt", {}, PromptRow)


def add_prompt(*, name: str, text: str, max_tokens: int) -> Query[Count]:
    """`ops.add_prompt`; the version in use."""
    return Query(
        "SELECT ops.add_prompt(%(name)s, %(text)s, %(max_tokens)s) AS n",
        {"name": name, "text": text, "max_tokens": max_tokens},
        Count,
    )


def read_again(*, collection: str, kind: Kind, reader: str) -> Query[Count]:
    """`ops.read_again`; how many pictures wait for it."""
    return Query(
        "SELECT ops.read_again(%(collection)s, %(kind)s, %(reader)s) AS n",
        {"collection": collection, "kind": kind, "reader": reader},
        Count,
    )


def fail_readings(*, kind: Kind, picture_ids: Sequence[int], error: str) -> Query[Count]:
    """Record why pictures could not be read; they are tried again later, ever more rarely."""
    params = {"kind": kind, "picture_ids": list(picture_ids), "error": error}
    return Query(statements("pictures")["failed"], params, Count)


def release_readings(*, kind: Kind, picture_ids: Sequence[int]) -> Query[Count]:
    """Give claimed pictures back, as if they had not been claimed."""
    params = {"kind": kind, "picture_ids": list(picture_ids)}
    return Query(statements("pictures")["release"], params, Count)


def due_readings(*, kind: Kind) -> Query[Count]:
    """How many pictures wait for a reader and could be claimed now."""
    return Query(statements("pictures")["due"], {"kind": kind}, Count)


def unfinished(*, kind: Kind) -> Query[Count]:
    """How many pictures wait or are being read; not those that are to be tried again later."""
    return Query(statements("pictures")["unfinished"], {"kind": kind}, Count)


def wanted() -> Query[Wanted]:
    """Who is to read the pictures that wait."""
    return Query(statements("pictures")["wanted"], {}, Wanted)


def failures(*, shown: int) -> Query[Failure]:
    """Why things could not be read or encoded, the most frequent reasons first."""
    return Query(statements("pictures")["failures"], {"shown": shown}, Failure)


def drop_orphans() -> Query[Count]:
    """`ops.drop_orphans`; how many pictures went."""
    return Query("SELECT ops.drop_orphans() AS n", {}, Count)


def _json(value: Any) -> Jsonb:
    return Jsonb(value, dumps=msgspec.json.encode)
