"""Rows of manuals."""

from __future__ import annotations

from datetime import datetime

import msgspec


class ManualHit(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.manual`."""

    item_id: int
    rank: int
    score: float
    of_defect: str | None
    of_kind: str | None
    document: str | None
    page: int | None
    title: str | None
    body: str | None


class ManualWritten(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.replace_manual`: numbers of sections, and the version that is live."""

    written: int
    removed: int
    manual_id: int
    version: int


class Manual(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.manuals`."""

    manual_id: int
    product: str
    document: str
    version: int
    live: bool
    collection: str
    sections: int
    defects: list[str]
    without: list[str]
    pages: int
    read_by_ocr: int
    unread: int
    outside: int
    made_at: datetime
    replaced_at: datetime | None


class ManualSection(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.manual_sections`."""

    place: int
    external_id: str
    defect: str | None
    kind: str | None
    page: int | None
    title: str | None
    body: str | None
