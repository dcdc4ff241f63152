"""Search results with pictures and highlights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.call import statement
from db.calls.query import Query
from db.search.rows import HybridHit
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Mapping

# Shards send pictures and passages along with the items where they are told that these will be shown.
_UNSHOWN = "shown => false"
_SHOWN = "shown => true, marked => %(marked)s::text"


class FoundPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a hit; size in pixels. Its file and thumbnail are read by the id."""

    picture_id: int
    role: str
    width: int
    height: int


class FoundPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an article that words or a vector are from, `called` as it is cited (제2항제1호).

    `by`: `words`, or the name of a vector leg, whose window reaches from `path` to `last_path`. `part_no`
    is that of the article's parts.
    """

    by: str
    part_no: int
    path: str
    last_path: str
    called: str


class Found(HybridHit, frozen=True, kw_only=True):
    """A hit with its first pictures and, where requested, its best passage per field.

    Passages are HTML: the text is escaped, words of the query stand in `<mark>`. Articles of law have
    `parts` as well, where the passage of their text, or the window of a vector, is from one.
    """

    pictures: list[FoundPicture]
    highlights: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    parts: list[FoundPart] | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def from_row(
        cls,
        *,
        legs: Mapping[str, Any],
        pictures: Any = (),
        highlights: dict[str, str] | None = None,
        parts: Any = None,
        **row: Any,
    ) -> Found:
        """Build from columns of which some are decoded JSON."""
        ranked = HybridHit.from_row(legs=legs, **row)
        return cls(
            **msgspec.structs.asdict(ranked),
            pictures=msgspec.convert(pictures, list[FoundPicture]),
            highlights=msgspec.UNSET if highlights is None else highlights,
            parts=msgspec.UNSET if parts is None else msgspec.convert(parts, list[FoundPart]),
        )


def hits(ranking: Query[HybridHit], *, marked: str | None = None) -> Query[Found]:
    """Add pictures and highlights to a ranking, in one statement.

    Args:
        ranking: what `db.search.functions.hybrid` made.
        marked: words to mark in the passages of each hit; None: no highlights.
    """
    asked = ranking.statement.replace(_UNSHOWN, _SHOWN)
    return Query(
        "WITH hit AS MATERIALIZED (" + asked + ") " + statements("results")["shown"],
        {"legs": None, **ranking.params, "marked": marked},
        Found.from_row,
        reads=True,
    )


class Likeable(msgspec.Struct, frozen=True, kw_only=True):
    """An item, and the live spaces in which it has vectors to be like."""

    item_id: int
    spaces: list[str]


# Those of the items that the collection has.
likeable = statement("results", "likeable", Likeable)
