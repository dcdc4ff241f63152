from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from encoders.ocr import geometry, slices
from encoders.ocr.auto import AutoOcr
from encoders.ocr.slices import Slice
from tests.unit.encoders.ocr.drawing import korean_font

if TYPE_CHECKING:
    from encoders.ocr.base import Polygon
    from encoders.ocr.linewise import LinewiseOcr
    from encoders.ocr.tesseract import TesseractLines


@given(st.integers(1, 3000), st.integers(1, 100_000))
def test_windows_cover_a_picture_and_overlap(width: int, height: int) -> None:
    windows = slices.windows(width, height)
    assert [Slice(w.top, w.left, w.bottom, w.right) for w in slices.windows(height, width)] == (
        windows if width != height else [Slice(0, 0, width, height)]
    )
    assert len(windows) <= 64
    assert all(w.left == 0 and w.right == width for w in windows) or height < width
    along = [(w.top, w.bottom) if height >= width else (w.left, w.right) for w in windows]
    assert along[0][0] == 0
    assert along[-1][1] == max(width, height)
    for (_, end), (start, _) in itertools.pairwise(along):
        assert (end - start) * 8 > max(b - a for a, b in along)


def test_ordinary_pictures_are_looked_at_whole() -> None:
    for size in ((640, 480), (4000, 3000), (40, 1200), (6000, 2500)):
        assert slices.windows(*size) == [Slice(0, 0, *size)]
    assert len(slices.windows(780, 17_826)) == 18


def test_far_too_long_pictures_say_that_they_were_looked_at_small() -> None:
    windows = slices.windows(100, 640_000)
    assert len(windows) == 64
    (note,) = slices.notes(100, 640_000, windows)
    assert "64 slices" in note
    assert slices.notes(780, 17_826, slices.windows(780, 17_826)) == ()


@st.composite
def pages(draw: st.DrawFn) -> tuple[int, int, list[Polygon]]:
    """A tall page and boxes on it that do not touch each other."""
    height = draw(st.integers(2000, 5000))
    boxes, top = [], 0
    while (top := top + draw(st.integers(6, 400))) < height - 30:
        left, tall = draw(st.integers(0, 300)), draw(st.sampled_from([18, 40, 120, 1500, 3000]))
        bottom = min(height, top + tall)
        boxes.append(geometry.rectangle(left, top, left + draw(st.integers(20, 400)), bottom))
        top = bottom
    return 780, height, boxes


@settings(max_examples=25, deadline=None)
@given(pages())
def test_lines_cut_by_windows_are_whole_and_there_once(
    page: tuple[int, int, list[Polygon]],
) -> None:
    width, height, boxes = page
    found = []
    for window in slices.windows(width, height):
        corners = np.array([(window.left, window.top), (window.right, window.bottom)], np.float32)
        seen = [np.clip(box, *corners) for box in boxes]
        found.append((window, [box for box in seen if np.ptp(box[:, 1]) > 0]))
    joined = slices.joined(found)
    assert len(joined) == len(boxes)
    for box, whole in zip(boxes, sorted(joined, key=lambda one: one[:, 1].min()), strict=True):
        np.testing.assert_allclose(whole, box, atol=slices._LOOSE)


def page_of(rows: dict[int, str], size: tuple[int, int], across: bool = False) -> Image.Image:
    """A long page with writing at distances from its beginning."""
    page = Image.new("RGB", size, (250, 250, 248))
    font = ImageFont.truetype(korean_font(), 30)
    for at, text in rows.items():
        place = (at, 60) if across else (60, at)
        ImageDraw.Draw(page).text(place, text, fill=(20, 20, 20), font=font)
    return page


def test_a_product_page_is_read_to_its_end(
    rapidocr: LinewiseOcr, tesseract_lines: TesseractLines
) -> None:
    # 1180 and 1010 lie in the overlap of the first two windows, or on its borders.
    rows = {
        40: "제품 안내",
        1010: "대한민국",
        1180: "MODEL KX-1200",
        2500: "제조번호: 48213375",
    }
    result = AutoOcr(rapidocr, tesseract_lines).read([np.array(page_of(rows, (780, 2600)))])[0]
    lines = sorted(result.lines, key=lambda line: float(line.polygon[0, 1]))
    assert [line.text.replace(" ", "") for line in lines if line.text] == [
        text.replace(" ", "") for text in rows.values()
    ]
    for line, at in zip(lines, rows, strict=True):
        assert line.polygon[0, 1] == pytest.approx(at, abs=12)
    assert "tesseract" in lines[0].engine


def test_a_line_across_the_border_of_a_wide_picture_is_one(rapidocr: LinewiseOcr) -> None:
    text = "SERIAL 48213375 MODEL KX-1200"
    result = rapidocr.read([np.array(page_of({930: text}, (3000, 200), across=True))])[0]
    assert [line.text.replace(" ", "") for line in result.lines] == [text.replace(" ", "")]


def test_korean_letters_one_below_the_other_are_read(
    rapidocr: LinewiseOcr, tesseract_lines: TesseractLines
) -> None:
    image = Image.new("RGB", (300, 420), (236, 236, 232))
    font = ImageFont.truetype(korean_font(), 48)
    for column, word in ((60, "제조번호"), (180, "대한민국")):
        for at, letter in enumerate(word):
            ImageDraw.Draw(image).text((column, 40 + 62 * at), letter, (20, 20, 20), font)
    result = AutoOcr(rapidocr, tesseract_lines).read([np.array(image)])[0]
    # Whether there are blanks between letters depends on the font that this machine has.
    assert {line.text.replace(" ", "") for line in result.lines} == {"제조번호", "대한민국"}
    for line in result.lines:
        assert line.engine == "tesseract"
        assert (geometry.upright(line.polygon) == line.polygon).all()  # its letters stand
