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
    """A part of an article, `called` as it is cited, 제2항제1호.

    `start` counts characters from 1, `words` those of a query that it has.
    """

    part_no: int
    level: int
    label: str | None
    path: str | None
    called: str | None
    start: int
    content: str
    words: int


class PassagePart(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an article that a highlighted passage is from."""

    part_no: int
    path: str
    called: str
    start: int


class WindowPart(msgspec.Struct, frozen=True, kw_only=True):
    """Parts of an article in the window of a vector, from `path` to `last_path`; `leg`: whose."""

    item_id: int
    leg: str
    part_no: int
    path: str
    last_path: str
    called: str
    start: int


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
passage_part = function("search.passage_part", PassagePart, reads=True)
window_parts = function("search.window_parts", WindowPart, reads=True)
citing = function("search.citing", CitationLink, reads=True)
beside = function("search.beside", Beside, reads=True)
read_citations = function("ops.read_citations", CitationsRead)
