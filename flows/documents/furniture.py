"""Page furniture: running heads, running feet and page numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from flows.documents.lines import line

IsHeading = Callable[[Sequence[str], int], bool]

# So many lines at either edge may be furniture.
_DEEPEST = 4
# Odd and even pages may have different heads.
_NEAR = 2
_NUMBER = re.compile(
    r"\W*(page|p\.|쪽|페이지)?\s*(\d{1,4}|[ivxl]{1,6})\s*((/|of|중|-)\s*\d{1,4})?\s*(쪽|페이지|면)?\W*",
    re.IGNORECASE,
)


def separate(
    pages: Sequence[Sequence[str]], is_heading: IsHeading
) -> tuple[list[list[int]], list[str]]:
    """Separate text from furniture: numbers of the text lines by page, and the furniture.

    A line is furniture where it stands in the same place at the edge of a page near by, whatever numbers are
    in it, or is nothing but a page number, and only other furniture stands farther out. Headings and items of
    lists are none: manuals repeat themselves.

    Lines are given from the top of each page to its foot.
    """
    tops = _taken(pages, is_heading, 1)
    feet = _taken(pages, is_heading, -1)
    kept: list[list[int]] = []
    dropped: list[str] = []
    for page, top, foot in zip(pages, tops, feet, strict=True):
        body = range(top, max(top, len(page) - foot))
        kept.append(list(body))
        dropped += [text for at, text in enumerate(page) if at not in body]
    return kept, dropped


def _taken(pages: Sequence[Sequence[str]], is_heading: IsHeading, way: int) -> list[int]:
    """Number of furniture lines of each page, from its top (way 1) or its foot (-1)."""
    edges = [[_folded(text) for text in page[::way][:_DEEPEST]] for page in pages]
    counts = []
    for number, page in enumerate(pages):
        near = edges[max(0, number - _NEAR) : number] + edges[number + 1 : number + _NEAR + 1]
        count = 0
        for depth, text in enumerate(edges[number]):
            at = depth if way == 1 else len(page) - 1 - depth
            # One line less or more stands outside it where a page has no number, say.
            repeated = any(text in other[max(0, depth - 1) : depth + 2] for other in near)
            if not _NUMBER.fullmatch(page[at]) and (
                not repeated or line(page[at], 1).bullet or is_heading(page, at)
            ):
                break
            count += 1
        counts.append(count)
    return counts


def _folded(text: str) -> str:
    return re.sub(r"\d+", "#", " ".join(text.split()).casefold())
