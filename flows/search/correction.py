"""Corrections of a search's words: offered, or applied where the words as typed find nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from db.search import functions
from db.search.rows import WordChange
from flows.effects import Flow
from flows.search.filters import filter_text

if TYPE_CHECKING:
    from db.search.rows import Correction
    from flows.search.request import SearchIn


class DidYouMean(Struct, frozen=True, kw_only=True):
    """A correction of a search's words: `query` in place of those `typed`, and what was changed.

    `applied`: the words as typed find nothing and these do, so the hits are those of `query`.
    """

    typed: str
    query: str
    changes: list[WordChange]
    applied: bool


def correct(collection: str, query: str) -> Flow[Correction]:
    """Correct a query by the words of a collection.

    Raises:
        UnknownName: no such collection.
        BadRequest: the SQL functions refused something.
    """
    (found,) = yield functions.correct(collection=collection, query=query)
    correction: Correction = found
    return correction


def did_you_mean(collection: str, request: SearchIn) -> Flow[DidYouMean | None]:
    """Correct the words of a search; None where nothing is wrong with them, or nobody wants to know.

    Raises:
        UnknownName: no such collection.
        BadRequest: the SQL functions refused something.
    """
    typed = request.query
    if typed is None or request.correct == "off":
        return None
    correction = yield from correct(collection, typed)
    if correction.corrected is None:
        return None
    query = correction.corrected
    applied = yield from _applies(collection, request, typed, query)
    return DidYouMean(typed=typed, query=query, changes=correction.changes, applied=applied)


def _applies(collection: str, request: SearchIn, typed: str, corrected: str) -> Flow[bool]:
    """Whether the search is by words, the typed ones find nothing, and the corrected ones do."""
    by_words = request.legs is None or any(leg.kind == "lexical" for leg in request.legs)
    # A cursor reads on in the list of the words that were sent.
    if request.correct != "apply" or not by_words or request.cursor is not None:
        return False
    for query, wanted in ((typed, False), (corrected, True)):
        (found,) = yield functions.finds_words(
            collection=collection, query=query, filter=filter_text(request.filter)
        )
        if found.found is not wanted:
            return False
    return True
