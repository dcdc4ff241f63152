"""Answers from a collection: passages of items that speak of a question, and their sentences."""

from __future__ import annotations

import msgspec

from db.calls.call import function


class FoundPassage(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.passages`; scores in [0, 1]."""

    passage_no: int
    item_id: int
    external_id: str
    title: str
    field: str
    part: str | None
    start: int
    content: str
    score: float
    sentences: list[str]
    scores: list[float]
    unread: int


class CitedSentence(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.cited_sentences`; `cites` are numbers of passages."""

    rank: int
    sentence: str
    cites: list[int]
    score: float


passages = function("search.passages", FoundPassage, reads=True)
cited_sentences = function("search.cited_sentences", CitedSentence, reads=True)
