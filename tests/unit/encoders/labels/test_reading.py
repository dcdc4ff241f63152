from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from encoders.labels.reading import interpret
from tests.unit.encoders.labels import pages
from tests.unit.encoders.labels.pages import line

if TYPE_CHECKING:
    import random

ROWS = [
    ("형식", "ESA25-D"),
    ("부품번호", "ESA25-D-0231"),
    ("제조번호", "18J12904"),
    ("제조국", "일본"),
]


def test_pairs_and_identifiers_point_at_the_rows_to_be_stored() -> None:
    reading = interpret(pages.below(ROWS)[::-1])
    by_number = {row.line_no: row for row in reading.lines}
    assert sorted(by_number) == list(range(1, 9))
    assert [pair.value for pair in reading.pairs] == [value for _, value in ROWS]
    for pair in reading.pairs:
        assert by_number[pair.label_line].normalized == pair.label
        assert [by_number[number].text for number in pair.lines] == [pair.value]
    assert len(reading.identifiers) == 3
    for one in reading.identifiers:
        assert by_number[one.line].text == one.raw


@given(st.randoms(use_true_random=False))
def test_the_order_given_does_not_matter(shuffler: random.Random) -> None:
    lines = [*pages.paired(ROWS), line("", 0, 400, 0.0), line("Ｅｂａｒａ", 50, -80)]
    shuffled = list(lines)
    shuffler.shuffle(shuffled)
    first, second = interpret(lines), interpret(shuffled)
    assert [row[:2] + row[3:] for row in first.lines] == [row[:2] + row[3:] for row in second.lines]
    assert first.pairs == second.pairs
    assert first.identifiers == second.identifiers


def test_every_line_is_kept_with_what_was_read() -> None:
    lines = [line("Ｅｂａｒａ", 50, 0), line("", 0, 400, 0.0)]
    rows = interpret(lines).lines
    assert [(row.text, row.normalized, row.confidence, row.engine) for row in rows] == [
        ("Ｅｂａｒａ", "Ebara", 0.99, "test"),
        ("", "", 0.0, "test"),
    ]
    assert (rows[0].box == lines[0].polygon).all()
    assert interpret([]) == ([], [], [])
