from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.ocr import merging
from encoders.ocr.merging import merged

# What RapidOCR makes of a line, and Tesseract with Korean data alone.
LATIN = st.text("AB129-/: 早", max_size=7)
HANGUL = st.text("형식번호A1:ㄷ ", max_size=7)


@pytest.mark.parametrize(
    ("hangul", "latin", "expected"),
    [
        ("형식: Na 0O1", ":Na 001", "형식: Na 001"),
        ("3 상 4 ㄷ 200 \\ 3.71\\/", "3 AC 200 V 3.7 kW", "3 상 AC 200 V 3.7 kW"),
        ("부품번호:3O81-21820-23", "早罟:3081-21820-23", "부품번호:3081-21820-23"),
        ("제조번호 18112904 x", "18J12904", "제조번호 18J12904"),
        ("형식 0126", "KD126", "형식 KD126"),
        ("일 련 번호 1290\\/9834", "电SH29DV9834", "일 련 번호 SH29DV9834"),
        ("모델명 : 18-673", "早豐：Y1R-673", "모델명 : Y1R-673"),
        ("부품번호 : 0 N - 86 L - 8 H", "早出:DN-86L-BH", "부품번호 : DN-86L-BH"),
        ("부품번호 : 미 -86 ㄴ 배", "早苦出京:DN-86L-BH", "부품번호 : DN-86L-BH"),
        ("제조국: 대한민국", "", "제조국: 대한민국"),
    ],
)
def test_hangul_goes_among_latin(hangul: str, latin: str, expected: str) -> None:
    assert merged(hangul, latin) == expected


def test_latin_taken_for_hangul_counts_only_where_there_is_room_for_it() -> None:
    assert merged("님이 \\30", "Norvac", room=False) == "Norvac"
    assert merged("3 상 208\\/50", "3 208V50", room=False) == "3 상 208V50"


@given(st.text("가나다:-ABC019./", max_size=20))
def test_merging_a_reading_with_itself_changes_nothing(text: str) -> None:
    assert merged(text, text) == text


@given(HANGUL, LATIN)
def test_all_of_latin_stays_and_hangul_in_its_order(hangul: str, latin: str) -> None:
    text = merged(hangul, latin)
    if not any(char in "AB129" for char in latin):
        assert text == hangul
        return
    rest = [char for char in text if not "가" <= char <= "힣" and char != " "]
    assert rest == [char for char in latin if char not in " 早"]
    syllables = iter(char for char in hangul if "가" <= char <= "힣")
    assert all(char in syllables for char in text if "가" <= char <= "힣")


@settings(max_examples=30, deadline=None)
@given(HANGUL, LATIN)
def test_no_other_alignment_costs_less(hangul: str, latin: str) -> None:
    first, second = (list(merging._chars(text[:4])) for text in (hangul, latin))

    def cost(pairs: list[tuple[object, object]]) -> float:
        return sum(
            merging._alone(one or other) if None in (one, other) else merging._together(one, other)
            for one, other in pairs
        )

    def least(row: int, column: int) -> float:
        found = [
            least(row + down, column + right)
            + cost([(first[row] if down else None, second[column] if right else None)])
            for down, right in product((0, 1), repeat=2)
            if down | right and row + down <= len(first) and column + right <= len(second)
        ]
        return min(found, default=0.0)

    assert cost(merging._aligned(first, second)) == pytest.approx(least(0, 0))
