"""Lines of PDF files in reading order, column by column.

pdfminer.six says what is written where. Its own order of boxes mixes columns whose lines stand wide apart, so
pages are cut here: where a gutter parts lines that stand beside each other, the left side is read first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from encoders.runtime.optional import require
from flows.documents import furniture
from flows.documents.lines import DocumentUnreadable, ManualLine, is_mark, line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from flows.documents.furniture import IsHeading

EXTRA = "manuals"
# In widths of a letter: pieces farther apart are no words of one line, but may be columns.
_APART = 1.0
# In points. Narrower gaps are between words.
_GUTTER = 7.0
# Of the width of a page: columns begin no nearer to each other. Labels, marks and numbers do.
_PITCH = 0.27
# So many lines stand beside others.
_BESIDE = 3
# In points: what is wider and drawn across a gutter is the rule of a table.
_RULE = 6.0


class Box(NamedTuple):
    """A bounding box on a page, in points; y grows upwards."""

    left: float
    bottom: float
    right: float
    top: float
    text: str


Row = list[Box]


class PdfPage(NamedTuple):
    """A page, or a column of one.

    Rows go from top to foot, each from left to right; `rules` are drawn lines and frames; `width` is of the
    whole page and `right` the end of its text, in points.
    """

    rows: list[Row]
    rules: list[Box]
    width: float
    right: float


def lines(pages: Sequence[PdfPage], is_heading: IsHeading) -> tuple[list[ManualLine], list[str]]:
    """The lines of pages in reading order, and their furniture."""
    texts = [[_joined(row) for row in page.rows] for page in pages]
    kept, dropped = furniture.separate(texts, is_heading)
    found = [
        line(_joined(row), number)._replace(full=full or None)
        for number, (page, rows) in enumerate(zip(pages, kept, strict=True), 1)
        for row, full in ordered(page._replace(rows=[page.rows[at] for at in rows]))
    ]
    return [one for one in found if one.text], dropped


def ordered(page: PdfPage) -> Iterator[tuple[Row, bool]]:
    """The rows of a page in reading order, and whether each is full."""
    cut = _columns(page)
    if cut is None:
        yield from zip(page.rows, _full(page), strict=True)
        return
    start, end, edge = cut
    yield from ordered(page._replace(rows=page.rows[:start]))
    pieces = [piece for row in page.rows[start:end] for piece in row]
    left = [piece for piece in pieces if piece.left < edge]
    yield from ordered(page._replace(rows=rows(left), right=edge - _GUTTER))
    yield from ordered(page._replace(rows=rows([one for one in pieces if one.left >= edge])))
    yield from ordered(page._replace(rows=page.rows[end:]))


def rows(pieces: Sequence[Box]) -> list[Row]:
    """Group pieces into rows, from top to foot."""
    found: list[Row] = []
    for piece in sorted(pieces, key=lambda one: (-(one.top + one.bottom), one.left)):
        middle = (piece.top + piece.bottom) / 2
        if found and found[-1][0].bottom < middle < found[-1][0].top:
            found[-1].append(piece)
        else:
            found.append([piece])
    return [sorted(row) for row in found]


def _columns(page: PdfPage) -> tuple[int, int, float] | None:
    """The range of rows that two columns share, and the left edge of the right one."""
    best: tuple[int, int, float] | None = None
    for edge in sorted({piece.left for row in page.rows for piece in row}):
        start = 0
        for at in range(len(page.rows) + 1):
            if at < len(page.rows) and not _crosses(page.rows[at], edge):
                continue
            if _are_columns(page, start, at, edge) and (
                best is None or at - start > best[1] - best[0]
            ):
                best = start, at, edge
            start = at + 1
    return best


def _crosses(row: Row, edge: float) -> bool:
    return any(piece.left < edge < piece.right + _GUTTER for piece in row)


def _are_columns(page: PdfPage, start: int, end: int, edge: float) -> bool:
    pieces = [piece for row in page.rows[start:end] for piece in row]
    left = [piece for piece in pieces if piece.left < edge]
    right = [piece for piece in pieces if piece.left >= edge]
    if not left or edge - min(one.left for one in left) < _PITCH * page.width:
        return False
    if sum(any(_overlap(one, other) for other in right) for one in left) < _BESIDE:
        return False
    top, foot = max(one.top for one in pieces), min(one.bottom for one in pieces)
    # A table is read row by row; its rules run across.
    return not any(
        rule.right - rule.left > _RULE
        and rule.left < edge
        and rule.right > edge - _GUTTER
        and foot < rule.top
        and rule.bottom < top
        for rule in page.rules
    )


def _full(column: PdfPage) -> list[bool]:
    """Whether each row of a column is full: the next word would reach over its edge."""
    words = [_first_word(row[0]) for row in column.rows]
    # What follows the last one is in another column: some word.
    following = [*words[1:], *([sum(words) / len(words)] if words else [])]
    pairs = zip(column.rows, following, strict=True)
    return [row[-1].right + word > column.right for row, word in pairs]


def _first_word(piece: Box) -> float:
    """Estimated width of the first word."""
    word = piece.text.split()[0]
    return (piece.right - piece.left) * len(word) / len(piece.text)


def _overlap(one: Box, other: Box) -> bool:
    return one.bottom < other.top and other.bottom < one.top


def _joined(row: Row) -> str:
    return " ".join(piece.text for piece in row)


def read_pages(path: Path) -> list[PdfPage]:
    """Read the pages of a PDF; those that are pictures alone have no rows.

    Raises:
        DocumentUnreadable: it is no PDF, is damaged, or locked by a password.
        EncoderNotInstalled: the parser is not installed.
    """
    high_level = require("pdfminer.high_level", EXTRA)
    layout = require("pdfminer.layout", EXTRA)
    document = require("pdfminer.pdfdocument", EXTRA)
    params = layout.LAParams(char_margin=_APART, boxes_flow=None, all_texts=True)
    try:
        found = list(high_level.extract_pages(path, laparams=params))
    except document.PDFPasswordIncorrect as exc:
        raise DocumentUnreadable(
            f"{path.name}: it is locked by a password", "save it without one"
        ) from exc
    except OSError:
        raise
    except Exception as exc:  # on damaged bytes its parsers raise whatever there is
        reason = str(exc) or type(exc).__name__
        raise DocumentUnreadable(
            f"{path.name}: it is no PDF, or damaged ({reason})", "save it as PDF once more"
        ) from exc
    return [_page(one, layout) for one in found]


def _page(page: Any, layout: Any) -> PdfPage:
    pieces: list[Box] = []
    rules: list[Box] = []
    for element in _elements(page, layout):
        if isinstance(element, layout.LTCurve):  # lines and rectangles are curves, too
            rules.append(_box(element, ""))
        elif text := " ".join(element.get_text().split()):
            pieces.append(_box(element, text))
    return build_page(pieces, rules, page.width)


def build_page(pieces: Sequence[Box], rules: list[Box], width: float) -> PdfPage:
    """Build a page from its pieces of text and its rules."""
    # The margin on the right is about that on the left.
    right = width - min((piece.left for piece in pieces), default=0)
    return PdfPage([_with_marks(row) for row in rows(pieces)], rules, width, right)


def _box(element: Any, text: str) -> Box:
    return Box(element.x0, element.y0, element.x1, element.y1, text)


def _elements(parent: Any, layout: Any) -> Iterator[Any]:
    for child in parent:
        if isinstance(child, (layout.LTTextLine, layout.LTCurve)):
            yield child
        elif isinstance(child, layout.LTContainer):
            yield from _elements(child, layout)


def _with_marks(row: Row) -> Row:
    """Join bullets with the pieces they mark, so that they are no column."""
    made: Row = []
    for piece in row:
        if made and is_mark(made[-1].text):
            mark = made.pop()
            piece = piece._replace(left=mark.left, text=f"{mark.text} {piece.text}")
        made.append(piece)
    return made
