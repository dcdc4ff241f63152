"""Items with versions, parts and citations, as articles of law are."""

from __future__ import annotations

from datetime import date

import msgspec

from db.calls.call import function


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an item with the days from and until which it is valid; None: open."""

    item_id: int
    external_id: str
    valid_from: date | None
    valid_until: date | None
    today: bool


class PartChange(msgspec.Struct, frozen=True, kw_only=True):
    """A part of two versions: `same`, `changed`, `added` or `removed`; `path` such as ①/2./가."""

    path: str
    change: str
    before: str | None
    after: str | None


class ArticlePart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an article; `start` counts characters from 1, `words` those of a query that it has."""

    part_no: int
    level: int
    label: str | None
    path: str | None
    start: int
    content: str
    words: int


class CitationLink(msgspec.Struct, frozen=True, kw_only=True):
    """An item linked by a citation: `cites`, `cited`, or `decree` (of the law of the item)."""

    way: str
    place: int
    item_id: int
    external_id: str
    title: str
    cited: str


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """The article `before` or `behind` an article in its law."""

    way: str
    item_id: int
    external_id: str
    title: str


class CitationsRead(msgspec.Struct, frozen=True, kw_only=True):
    """A step of reading citations: the place to go on from, None at the end, and how many were read."""

    last_id: int | None
    citations_n: int


versions = function("search.versions", Version, reads=True)
changes = function("search.changes", PartChange, reads=True)
parts = function("search.parts", ArticlePart, reads=True)
citing = function("search.citing", CitationLink, reads=True)
beside = function("search.beside", Beside, reads=True)
read_citations = function("ops.read_citations", CitationsRead)
