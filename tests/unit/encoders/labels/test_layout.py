from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.labels.layout import arrange
from tests.unit.encoders.labels import pages
from tests.unit.encoders.labels.pages import line, turned

if TYPE_CHECKING:
    from random import Random

    from encoders.ocr.base import OcrTextLine

ROWS = [("MODEL", "iXH1210"), ("P/N", "A533-46-945"), ("제조번호", "19E99919"), ("YEAR", "2019")]


def order(lines: list[OcrTextLine]) -> list[tuple[str, int, int]]:
    return [(cell.text, cell.row, cell.group) for cell in arrange(lines)]


def texts(lines: list[OcrTextLine]) -> list[str]:
    return [cell.text for cell in arrange(lines)]


words = st.text("ABC019-", min_size=1, max_size=12)
grids = st.lists(st.lists(words, min_size=1, max_size=4), min_size=1, max_size=6)


def grid(rows: list[list[str]]) -> list[OcrTextLine]:
    return [line(t, 160 * x, 34 * y) for y, row in enumerate(rows) for x, t in enumerate(row)]


@given(grids)
def test_a_grid_is_read_row_by_row(rows: list[list[str]]) -> None:
    found = order(grid(rows))
    assert [text for text, _, _ in found] == [text for row in rows for text in row]
    assert [row for _, row, _ in found] == [y for y, row in enumerate(rows, 1) for _ in row]


@given(grids, st.randoms(use_true_random=False))
def test_the_order_given_does_not_matter(rows: list[list[str]], random: Random) -> None:
    lines = grid(rows)
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert order(shuffled) == order(lines)


@given(st.floats(-180, 180), st.floats(0.5, 3))
def test_nor_how_the_page_is_turned_or_scaled(degrees: float, scale: float) -> None:
    for layout in (pages.beside, pages.below, pages.paired, pages.inline):
        lines = layout(ROWS)
        assert order(turned(lines, degrees, scale)) == order(lines)


def test_one_line_askew_does_not_turn_the_page() -> None:
    lines = pages.beside(ROWS)
    lines[1] = turned([lines[1]], 25)[0]._replace(polygon=lines[1].polygon[[1, 2, 3, 0]])
    assert [t for t in texts(lines) if t != "iXH1210"] == [
        t for row in ROWS for t in row if t != "iXH1210"
    ]


def test_blocks_are_groups() -> None:
    lines = [line("Edwards", 750, 180), line("DRY PUMP", 1100, 183)]
    lines += [turned([one], 0)[0] for one in pages.beside(ROWS)]
    found = order(lines)
    assert {text: group for text, _, group in found if group == 1} == {"Edwards": 1, "DRY PUMP": 1}
    assert {group for _, _, group in found} == {1, 2}
    assert [text for text, _, _ in found] == [
        "Edwards",
        "DRY PUMP",
        *(t for row in ROWS for t in row),
    ]


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    left = [line(f"left column sentence {n} goes on", 0, 30 * n) for n in range(5)]
    right = [line(f"right column sentence {n} goes on", 400, 30 * n + 7) for n in range(5)]
    title = [line("A title over both of the columns, of some length", 100, -70)]
    found = order(right + left + title)
    assert [text for text, _, _ in found] == [one.text for one in title + left + right]
    assert [group for _, _, group in found] == [1, *[2] * 5, *[3] * 5]


def test_columns_of_a_table_are_not_prose() -> None:
    assert texts(pages.beside(ROWS)) == [text for row in ROWS for text in row]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_lines(count: int) -> None:
    lines = [line(str(n), 0, 40 * n) for n in range(count)]
    assert order(lines) == [(str(n), n + 1, 1) for n in range(count)]


def test_lines_in_one_place_and_without_area_have_an_order() -> None:
    lines = [line(text, 5, 5) for text in ("b", "a", "")]
    lines.append(line("", 5, 5)._replace(polygon=lines[0].polygon * 0))
    assert order(lines) == order(lines[::-1])
    assert len(order(lines)) == 4
