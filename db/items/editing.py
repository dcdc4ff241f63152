"""Edits of single items, and the history of the readings of their pictures."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from db.calls.call import function, procedure

Part = Literal["fields", "metadata"]


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """A change of an item: what was there, and what is now; None: nothing.

    `stale`: it was no longer as the editor saw it, and nothing was written.
    """

    part: Part
    name: str
    was: Any
    becomes: Any
    stale: bool


class PictureReading(msgspec.Struct, frozen=True, kw_only=True):
    """A reading of a picture, or (`item_caption`, without a picture) of all pictures of an item.

    `wanted` was asked for, `reader` did it. `content` is a caption, `lines` count those of `ocr`, `tried`
    are captioners that failed before: `captioner`, `error`, `latency_ms`.
    """

    picture_id: int | None
    role: str | None
    position: int | None
    kind: Literal["ocr", "caption", "item_caption"]
    state: Literal["read", "waiting", "failed"]
    wanted: str
    reader: str | None
    asked_at: datetime
    read_at: datetime | None
    attempts: int
    next_attempt_at: datetime | None
    error: str | None
    notes: list[str]
    lines: int | None
    content: str | None
    prompt: str | None
    tokens: int | None
    latency_ms: float | None
    tried: list[dict[str, Any]]


class EarlierReading(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of a picture, or its caption, that a reading gave before another one replaced it."""

    picture_id: int
    kind: Literal["ocr", "caption"]
    reader: str
    prompt: str | None
    read_at: datetime
    replaced_at: datetime
    content: str


edit_item = function("ops.edit_item", Edit, json=("changes",))
readings = function("search.readings", PictureReading)
earlier_readings = function("search.earlier_readings", EarlierReading)
# What is left out stays, unless all are replaced.
set_labels = procedure("ops.set_labels", json=("labels",))
