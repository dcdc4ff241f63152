from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.labels.identifiers import code_in, find_identifiers
from encoders.labels.layout import arrange
from encoders.labels.pairs import find_pairs
from tests.unit.encoders.labels import pages
from tests.unit.encoders.labels.pages import line

if TYPE_CHECKING:
    from encoders.ocr.base import OcrTextLine


def found(lines: list[OcrTextLine]) -> list[tuple[str, str]]:
    cells = arrange(lines)
    return [(one.kind, one.raw) for one in find_identifiers(cells, find_pairs(cells))]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("A533-46-945", "A533-46-945"),
        ("A533 - 46 -945", "A533-46-945"),
        ("A533-46-945 REV", "A533-46-945"),
        ("0190 35467", "0190 35467"),
        ("(21F12552)", "21F12552"),
        ("21F12552, 2019", "21F12552"),
        ("1 ㅠ LKT32934", "LKT32934"),
        ("SC-204/7", "SC-204/7"),
        ("78.819.55-0", "78.819.55-0"),
        ("HX-AB", ""),
        ("see manual", ""),
        ("12", ""),
        ("", ""),
    ],
)
def test_the_number_in_a_value(value: str, code: str) -> None:
    assert code_in(value, whole=False) == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("TMP 3403 LMC", "TMP 3403 LMC"),
        ("HiPace 700", "HiPace 700"),
        ("Series 10.8 DN 200 x", "Series 10.8 DN 200"),
    ],
)
def test_the_whole_name_of_a_model(value: str, code: str) -> None:
    assert code_in(value, whole=True) == code


def test_labelled_numbers_come_first_in_the_order_of_their_kinds() -> None:
    rows = [("MODEL", "iXH1210"), ("S/N", "19E99919"), ("P/N", "A533-46-945")]
    lines = [*pages.beside(rows), line("XY-4711-B", 50, 300)]
    assert found(lines) == [
        ("part_number", "A533-46-945"),
        ("serial_number", "19E99919"),
        ("model", "iXH1210"),
        ("unlabelled", "XY-4711-B"),
    ]


def test_a_surer_reading_goes_before() -> None:
    lines = [line("P/N: A533-46", 0, 0, 0.7), line("S/N: 19E99919", 0, 40, 0.9)]
    assert [kind for kind, _ in found(lines)] == ["serial_number", "part_number"]


def test_numbers_of_a_plate_whose_labels_nobody_could_read() -> None:
    rows = [
        ("", "ESA25-D-0231"),
        ("", "18J12904"),
        ("", "3 AC 200 V 50/60 Hz 3.7 kW"),
        ("", "2018"),
    ]
    lines = [one._replace(confidence=0.99 if one.text else 0.0) for one in pages.beside(rows)]
    assert found(lines) == [("unlabelled", "ESA25-D-0231"), ("unlabelled", "18J12904")]


@pytest.mark.parametrize(
    "text",
    [
        *("200V", "50/60Hz", "AC200-220V", "12kg", "0.4kW", "24VDC", "3PH", "IP65", "100Pa"),
        *("2019", "2021.05", "2021-05-12", "12/05/2021", "3.7", "1500rpm", "DN200", "R134a"),
        *("Edwards", "MADE", "5", "KR"),
    ],
)
def test_amounts_and_dates_name_nothing(text: str) -> None:
    assert found([line(text, 0, 0)]) == []


@pytest.mark.parametrize(
    "text", ["0190-35467", "18J12904", "NRY1KH000", "20210317088", "626D12TBE"]
)
def test_numbers_that_may_name_something(text: str) -> None:
    assert found([line(text, 0, 0)]) == [("unlabelled", text)]


def test_a_number_is_given_once_per_kind_and_not_again_without_label() -> None:
    lines = [line("P/N: A533-46", 0, 0), line("P/N: A533-46", 0, 40), line("A533-46", 0, 80)]
    assert found(lines) == [("part_number", "A533-46")]


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@given(st.lists(st.text("AB19-./:가 ", max_size=14), max_size=6), st.floats(0, 1))
def test_every_number_stands_in_its_line_and_no_score_beats_the_reading(
    texts: list[str], confidence: float
) -> None:
    lines = [line(f"P/N {text}", 0, 40 * n, confidence) for n, text in enumerate(texts)]
    cells = arrange(lines)
    by_line = {cell.line: cell.text for cell in cells}
    identifiers = find_identifiers(cells, find_pairs(cells))
    assert [one.score for one in identifiers] == sorted(
        (i.score for i in identifiers), reverse=True
    )
    for one in identifiers:
        assert letters(one.raw) in letters(by_line[one.line])
        assert 0 <= one.score <= confidence
        assert one.source == f"ocr:{one.kind}"
        assert any(map(str.isdigit, one.raw))
