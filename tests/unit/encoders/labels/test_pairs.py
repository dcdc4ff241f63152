from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.labels.layout import arrange
from encoders.labels.normalize import label_key
from encoders.labels.pairs import find_labels, find_pairs
from encoders.labels.vocabulary import VOCABULARY
from tests.unit.encoders.labels import pages
from tests.unit.encoders.labels.pages import line, turned

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from encoders.ocr.base import OcrTextLine

    Layout = Callable[[Sequence[tuple[str, str]]], list[OcrTextLine]]

LAYOUTS = (pages.beside, pages.below, pages.paired, pages.inline)
NUMBERED = [
    "P/N",
    "PART NO.",
    "S/N",
    "SERIAL NO",
    "MODEL",
    "부품번호",
    "제조번호",
    "형식",
    "DATE",
    "정격",
]


def pairs(lines: Sequence[OcrTextLine]) -> list[tuple[str, str]]:
    return [(pair.kind, pair.value) for pair in find_pairs(arrange(lines))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MODEL: TMP-3403", [("model", "TMP-3403")]),
        ("P/N 0190-35467", [("part_number", "0190-35467")]),
        ("PART NO.0190-35467", [("part_number", "0190-35467")]),
        ("PART NO. : 0190-35467", [("part_number", "0190-35467")]),
        ("S/N21F12552", [("serial_number", "21F12552")]),
        ("SERIALNO.: 21F12552", [("serial_number", "21F12552")]),
        ("Serial No 21F12552", [("serial_number", "21F12552")]),
        ("S/N: SN2304-01172", [("serial_number", "SN2304-01172")]),
        ("제조번호 21F12552", [("serial_number", "21F12552")]),
        ("제조번호21F12552", [("serial_number", "21F12552")]),
        ("형 식 : ESA25-D", [("model", "ESA25-D")]),
        ("형식(MODEL): ESA25-D", [("model", "ESA25-D")]),
        ("MODEL / 형식 : ESA25-D", [("model", "ESA25-D")]),
        ("제조번호 (S/N) 21F12552", [("serial_number", "21F12552")]),
        ("정격 3상 AC 200 V", [("rating", "3상 AC 200 V")]),
        ("제조사: 한빛정밀", [("maker", "한빛정밀")]),
        ("제조사 한빛정밀", [("maker", "한빛정밀")]),
        ("INPUT AC 24 V", [("rating", "AC 24 V")]),
        ("MFG 2019.05", [("date", "2019.05")]),
        ("DATE=2019-05", [("date", "2019-05")]),
        ("MADE IN KOREA", [("origin", "KOREA")]),
        ("제조국 : 일 본", [("origin", "일 본")]),
        (
            "MODEL: A1  S/N: B2  P/N: C3",
            [("model", "A1"), ("serial_number", "B2"), ("part_number", "C3")],
        ),
        ("형식: A-1, 제조번호: B-2", [("model", "A-1"), ("serial_number", "B-2")]),
        # Not labels: their words are part of something else.
        ("POWER SUPPLY UNIT", []),
        ("INPUT UNIT ID211", []),
        ("TYPE approval pending", []),
        ("MODELS 123", []),
        ("SN2304-01172", []),
        ("PNEUMATIC 4", []),
        ("형식명칭 123", []),
        ("Edwards iXH1210", []),
        ("", []),
    ],
)
def test_a_line_alone(text: str, expected: list[tuple[str, str]]) -> None:
    assert pairs([line(text, 0, 0)]) == expected


@given(
    st.sampled_from(["P/N", "S/N", "형식", "DATE"]), st.text("AB19:.-/ ", min_size=1, max_size=20)
)
def test_values_keep_their_colons(label: str, text: str) -> None:
    value = f"A1{text}9Z".replace("  ", " ")
    found = pairs([line(f"{label}: {value}", 0, 0)])
    assert len(found) == 1
    assert found[0][1] == " ".join(value.split())


values = st.from_regex(r"[A-HJ-NP-Z]{2,4}[0-9]{2,5}(-[0-9A-Z]{1,4})?", fullmatch=True)
rows = st.lists(
    st.tuples(st.sampled_from(NUMBERED), values),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row[0],
)


@given(rows, st.sampled_from(LAYOUTS))
def test_every_layout_gives_the_same_pairs(
    given_rows: list[tuple[str, str]], layout: Layout
) -> None:  # type: ignore[valid-type]
    expected = sorted((VOCABULARY[label_key(label)], value) for label, value in given_rows)
    assert sorted(pairs(layout(given_rows))) == expected


@given(rows, st.sampled_from(LAYOUTS), st.randoms(use_true_random=False), st.floats(-180, 180))
def test_order_and_turn_of_the_lines_do_not_matter(
    given_rows: list[tuple[str, str]],
    layout: Layout,
    shuffler: random.Random,
    degrees: float,
) -> None:
    lines = layout(given_rows)
    expected = pairs(lines)
    shuffled = turned(lines, degrees)
    shuffler.shuffle(shuffled)
    assert pairs(shuffled) == expected


def test_a_value_in_pieces_is_joined() -> None:
    lines = [line("MODEL", 0, 0), line("TMP", 120, 0), line("3403", 160, 0), line("LMC", 208, 0)]
    lines += [line("far away", 500, 0)]
    assert pairs(lines) == [("model", "TMP 3403 LMC")]


def test_the_line_below_is_taken_where_the_one_beside_is_a_label_or_no_number() -> None:
    lines = [
        line("P/N", 0, 0),
        line("S/N", 300, 0),
        line("A533-46", 0, 26),
        line("19E99919", 300, 26),
    ]
    assert pairs(lines) == [("part_number", "A533-46"), ("serial_number", "19E99919")]
    lines = [line("TYPE", 0, 0), line("Vacuum gauge", 200, 0), line("PG-12", 0, 26)]
    assert pairs(lines) == [("model", "PG-12")]


def test_a_value_may_begin_with_a_word_that_could_be_a_label() -> None:
    lines = [line("MODEL", 0, 0), line("INPUT UNIT ID211", 200, 0), line("P/N", 0, 40)]
    assert pairs([*lines, line("A533-46", 200, 40)]) == [
        ("model", "INPUT UNIT ID211"),
        ("part_number", "A533-46"),
    ]


def test_a_value_is_not_given_to_two_labels() -> None:
    lines = [line("P/N", 0, 0), line("S/N", 0, 24), line("19E99919", 0, 50)]
    assert pairs(lines) == [("serial_number", "19E99919")]


def test_far_lines_unread_lines_and_labels_are_no_values() -> None:
    assert pairs([line("P/N", 0, 0), line("A533-46", 900, 0)]) == []
    assert pairs([line("P/N", 0, 0), line("A533-46", 0, 200)]) == []
    assert pairs([line("P/N", 0, 0), line("", 100, 0, 0.0), line("A533-46", 200, 0)]) == []
    assert pairs([line("P/N", 0, 0), line("A533-46", 100, 0, 0.1)]) == []
    assert pairs([line("P/N: A533-46", 0, 0, 0.1)]) == []


def test_confidence_is_that_of_the_weaker_line() -> None:
    cells = arrange([line("P/N", 0, 0, 0.9), line("A533-46", 100, 0, 0.8)])
    assert find_pairs(cells)[0].confidence == pytest.approx(0.8)
    (misread,) = find_pairs(arrange([line("헝식: A533", 0, 0, 1.0)]))
    assert misread.confidence < 1


@given(st.text(max_size=40))
def test_any_text_is_searched_for_labels(text: str) -> None:
    found = find_labels(text)
    assert [label.start for label in found] == sorted({label.start for label in found})
    for label in found:
        assert text[label.start :].startswith(label.text)
        assert label.start < label.stop <= len(text)
