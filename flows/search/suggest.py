"""Suggestions while typing: the completions of a prefix, and how complete they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from db.search import suggestions
from flows.search.filters import filter_text

if TYPE_CHECKING:
    from flows.effects import Flow

MAX_PREFIX = 200
MAX_SUGGESTIONS = 50


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A completion: `n` items have it, of a query so many searches found something.

    `how`: as typed, by initial consonants, or what the same keys give on the other keyboard.
    `lower_bound`: at least `n`. `ignored`: earlier words that no title has, which did not count.
    """

    text: str
    source: Literal["title", "word", "phrase", "identifier", "query"]
    n: int
    how: Literal["typed", "initials", "keyboard"]
    lower_bound: bool
    ignored: list[str]


class Suggestions(msgspec.Struct, frozen=True, kw_only=True):
    """Completions, the best first.

    `state`: `ready`; `building`: older items wait for maintenance, so that some are missing; `off`: the
    collection suggests nothing.
    """

    collection: str
    state: Literal["ready", "building", "off"]
    suggestions: list[Suggestion]


def suggest(
    collection: str, prefix: str, *, k: int = 10, filter: str | None = None
) -> Flow[Suggestions]:
    """Complete what somebody is typing.

    Raises:
        UnknownName: the collection.
        BadFilter: the filter.
    """
    rows = yield suggestions.suggest(
        collection=collection, prefix=prefix, k=k, filter=filter_text(filter)
    )
    return Suggestions(
        collection=collection,
        state=rows[0].state,
        suggestions=[
            msgspec.convert(row, Suggestion, from_attributes=True)
            for row in rows
            if row.text is not None
        ],
    )
