from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.labels.reading import interpret
from encoders.ocr import auto
from encoders.ocr.auto import AutoOcr
from encoders.ocr.base import LineReading, OcrTextLine
from encoders.ocr.geometry import rectangle
from tests.unit.encoders.ocr.drawing import Fixed, example, marked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.base import Picture
    from encoders.ocr.linewise import LinewiseOcr
    from encoders.ocr.tesseract import TesseractLines

KOREAN = {10: LineReading("형식", 0.96), 20: LineReading("제조번호: 18112904", 0.9)}


def read(
    texts: list[tuple[str, float]], again: dict[int, LineReading] | None, advice: str = ""
) -> tuple[list[tuple[str, float, str]], tuple[str, ...]]:
    image, lines = marked(texts)
    second = None if again is None else Fixed(again=again, name="second")
    (result,) = AutoOcr(Fixed(lines, name="first"), second, advice).read([image])
    assert [line.polygon.tolist() for line in result.lines] == [x.polygon.tolist() for x in lines]
    return [(line.text, line.confidence, line.engine) for line in result.lines], result.notes


def test_hangul_comes_from_the_second_engine_and_latin_words_from_the_first() -> None:
    lines, notes = read([("早", 0.4), (":18J12904", 0.97), ("ESA25-D", 0.99)], KOREAN)
    assert lines == [
        ("형식", 0.96, "second"),
        ("제조번호: 18J12904", 0.9, "second+first"),
        ("ESA25-D", 0.99, "first"),
    ]
    assert notes == ()


def test_a_page_without_doubtful_lines_is_not_read_again() -> None:
    lines, _ = read([("MODEL", 0.99), ("ESA25-D", 0.9)], KOREAN)
    assert [engine for _, _, engine in lines] == ["first", "first"]


def test_one_syllable_in_a_speck_makes_no_korean_page() -> None:
    again = {10: LineReading("이", 0.9), 20: LineReading("제조번호", 0.9)}
    lines, _ = read([("①", 0.6), ("S/N 18J12904", 0.99)], again)
    assert lines == [("①", 0.6, "first"), ("S/N 18J12904", 0.99, "first")]


class ReadsSharp(Fixed):
    """Reads a label in what has more contrast than the stripes of the test's picture."""

    def read_lines(self, crops: Sequence[Picture]) -> list[LineReading]:
        label = LineReading("부품번호", 0.9)
        known = super().read_lines(crops)
        return [label if np.ptp(c) > 40 else one for c, one in zip(crops, known, strict=True)]


def test_what_the_second_engine_missed_is_shown_to_it_sharpened() -> None:
    image, lines = marked([("早", 0.4), ("圣", 0.5), ("MODEL", 0.99)])
    image[20:40, ::8] += 40
    second = ReadsSharp(again={10: LineReading("형식", 0.9)})
    (result,) = AutoOcr(Fixed(lines), second).read([image])
    assert [line.text for line in result.lines] == ["형식", "부품번호", "MODEL"]


def test_an_unsure_second_reading_counts_for_nothing() -> None:
    lines, _ = read([("MOOEL", 0.7), ("", 0.0)], {10: LineReading("모델", 0.3)})
    assert lines == [("MOOEL", 0.7, "first"), ("", 0.0, "first")]


def test_han_that_nobody_confirms_on_a_korean_page_is_a_place_without_text() -> None:
    again = {10: LineReading("부품번호", 0.9)}
    lines, _ = read([("早罟", 0.5), ("圣出立", 0.6), ("早 3081-21820", 0.89)], again)
    assert lines == [
        ("부품번호", 0.9, "second"),
        ("", 0.0, "first"),
        ("3081-21820", 0.89, "first"),
    ]


def test_without_a_hangul_engine_the_note_says_so_once_and_no_rubbish_stays() -> None:
    texts = [("早", 0.4), ("", 0.0), ("圣出立:18J12904", 0.8), ("ESA25-D", 0.99)]
    lines, notes = read(texts, None, "Install one.")
    assert lines == [
        ("", 0.0, "first"),
        ("", 0.0, "first"),
        ("18J12904", 0.8, "first"),
        ("ESA25-D", 0.99, "first"),
    ]
    assert notes == (
        "3 places are not read well; they may be Hangul, which first does not read. Install one.",
    )


def test_a_chinese_page_keeps_its_uncertain_lines() -> None:
    texts = [("型号", 0.99), ("序列号", 0.98), ("制造日期", 0.97), ("圣出", 0.5)]
    lines, notes = read(texts, None)
    assert [text for text, _, _ in lines] == [text for text, _ in texts]
    assert notes == ()


def test_a_logo_taken_for_han_is_no_text_and_no_note() -> None:
    for again in (None, {}):
        lines, notes = read([("止", 0.6), ("VAT", 0.99)], again)
        assert lines == [("", 0.0, "first"), ("VAT", 0.99, "first")]
        assert notes == ()


def test_both_engines_are_named() -> None:
    image, lines = marked([("早", 0.4), ("", 0.0)])
    engine = AutoOcr(Fixed(lines, name="first"), Fixed(again=KOREAN, name="second"))
    assert engine.spec == auto.described(Fixed(name="first").spec, Fixed(name="second").spec)
    assert engine.spec.identity == "auto@b2(first@1,second@1)"
    assert engine.read([image])[0].engines == ("first@1", "second@1")
    assert AutoOcr(Fixed(lines, name="first"), None).spec != engine.spec


@given(st.floats(0, 1), st.text("A1早圣 -", max_size=8))
def test_what_is_dropped_as_rubbish_holds_no_number(confidence: float, text: str) -> None:
    box = rectangle(0, 0, 9, 9)
    line = auto.without_rubbish(OcrTextLine(box, text, confidence, "first"))
    assert any(map(str.isdigit, line.text)) or not any(map(str.isdigit, text))
    assert line.text != "" or not text or line.confidence == 0


def test_a_korean_plate_is_read_by_both_engines(
    rapidocr: LinewiseOcr, tesseract_lines: TesseractLines
) -> None:
    (result,) = AutoOcr(rapidocr, tesseract_lines).read([example("P0003")])
    by_text = {line.text.replace(" ", ""): line.engine for line in result.lines}
    assert {by_text[text] for text in ("제조번호", "부품번호", "제조국", "대한민국")} == {
        "tesseract"
    }
    assert {by_text[text] for text in ("HD1800-S7", "21F12552", "2021")} == {"rapidocr"}
    found = {one.kind: one.raw for one in interpret(result.lines).identifiers}
    assert found["part_number"] == "HD1800-S7"
    assert found["serial_number"] == "21F12552"
    assert found["model"] == "HD1800"
    assert result.notes == ()


def test_a_korean_plate_without_a_hangul_engine(rapidocr: LinewiseOcr) -> None:
    (result,) = AutoOcr(rapidocr, None, "Install Tesseract.").read([example("P0003")])
    assert not any("一" <= char <= "鿿" for line in result.lines for char in line.text)
    assert "21F12552" in [line.text for line in result.lines]
    (note,) = result.notes
    assert note.endswith("Install Tesseract.")


def test_an_english_plate_needs_no_second_engine(rapidocr: LinewiseOcr) -> None:
    silent = Fixed(again={}, name="second")
    (alone,), (both,) = (e.read([example("P0001")]) for e in (rapidocr, AutoOcr(rapidocr, silent)))
    assert [line[1:] for line in both.lines] == [line[1:] for line in alone.lines]


def test_what_is_no_picture_is_refused(rapidocr: LinewiseOcr) -> None:
    with pytest.raises(ValueError, match=r"images\[0\]"):
        AutoOcr(rapidocr, None).read([np.zeros((0, 4, 3), np.uint8)])
