"""What stands at the edges of pages and is no part of the text: running heads, running feet, page numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from jobs.manuals.lines import line

IsHeading = Callable[[Sequence[str], int], bool]

# So many lines at either edge may be furniture.
_DEEPEST = 4
# Odd and even pages may have different heads.
_NEAR = 2
_NUMBER = re.compile(
    r"\W*(page|p\.|쪽|페이지)?\s*(\d{1,4}|[ivxl]{1,6})\s*((/|of|중|-)\s*\d{1,4})?\s*(쪽|페이지|면)?\W*",
    re.IGNORECASE,
)


def sorted_out(
    pages: Sequence[Sequence[str]], is_heading: IsHeading
) -> tuple[list[list[int]], list[str]]:
    """Numbers of the lines that are text, page by page, and the furniture.

    A line is furniture where it stands in the same place at the edge of a page near by, whatever numbers are
    in it, or is nothing but a page number, and only other furniture stands farther out. Headings and items of
    lists are none: manuals repeat themselves.

    Args:
        pages: lines, from the top of each page to its foot.
        is_heading: as `documents.read` takes it.
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
    """How many lines of each page are furniture, from its top (way 1) or from its foot (-1)."""
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
