"""Versions of articles: of several texts of one article which was law when, and what was repealed.

Today's text keeps the id of the article; each older one gets the day it began behind it
(LAW_001706_750@19600101) and ends when the next begins. A new version that says the same as the one before
is none. An article that the newest version of its law has no more ends on the day of that version.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from jobs.training.split import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jobs.recipes.legal import Passage


class Versioned(NamedTuple):
    """Passages with their versions in order.

    Attributes:
        passages: today's and older ones, each with its own id.
        older: how many are versions before today's.
        repealed: how many ended without a next one.
    """

    passages: list[Passage]
    older: int
    repealed: int


class LawText(NamedTuple):
    """One version of a law: from which day it is law, and its passages."""

    day: str
    passages: Sequence[Passage]


def versioned(texts: Iterable[LawText]) -> Versioned:
    """Put versions of one law in order."""
    ordered = sorted(texts, key=lambda text: text.day)
    by_article: dict[str, list[Passage]] = {}
    for text in ordered:
        for passage in text.passages:
            by_article.setdefault(passage.id, []).append(passage)
    there = {passage.id for passage in ordered[-1].passages}
    found: list[Passage] = []
    older = repealed = 0
    for article, versions in by_article.items():
        distinct = _distinct(versions)
        until = "" if article in there else _end(article, ordered)
        repealed += bool(until)
        older += len(distinct) - 1
        found += _named(article, distinct, until)
    return Versioned(found, older, repealed)


def _distinct(versions: Sequence[Passage]) -> list[Passage]:
    """Versions that say something else than the one before, which keeps the day it began."""
    kept = [versions[0]]
    for before, after in pairwise(versions):
        if folded(before.text) != folded(after.text):
            kept.append(after)
    return kept


def _end(article: str, ordered: Sequence[LawText]) -> str:
    """The day of the first version of the law without the article, behind the last with it."""
    last = max(at for at, text in enumerate(ordered) if any(p.id == article for p in text.passages))
    return ordered[last + 1].day


def _named(article: str, versions: Sequence[Passage], until: str) -> list[Passage]:
    if len(versions) == 1 and not until:
        return [versions[0]]
    ends = [later.effective for later in versions[1:]] + [until]
    return [
        msgspec.structs.replace(
            passage,
            id=article if at == len(versions) - 1 else f"{article}@{passage.effective}",
            until=end,
            version_of=article,
        )
        for at, (passage, end) in enumerate(zip(versions, ends, strict=True))
    ]
