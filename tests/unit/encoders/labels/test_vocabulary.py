from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.labels import vocabulary
from encoders.labels.vocabulary import known


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(("P/N", "part_number"), ("PART NO.", "part_number"), ("부품번호", "part_number")),
        *(("품 번", "part_number"), ("Cat. No.", "part_number"), ("제품번호", "part_number")),
        *(("S/N", "serial_number"), ("SERIAL NO", "serial_number"), ("제조번호", "serial_number")),
        *(("일련 번호", "serial_number"), ("Ser. No.", "serial_number")),
        *(("MODEL", "model"), ("TYPE", "model"), ("형 식", "model"), ("모델명", "model")),
        *(("MFG", "date"), ("DATE", "date"), ("제조년월", "date"), ("MFG DATE", "date")),
        *(("제조사", "maker"), ("정격", "rating"), ("MADE IN", "origin"), ("중량", "other")),
    ],
)
def test_labels_are_known(text: str, kind: str) -> None:
    assert known(text) == (kind, 1.0)


@pytest.mark.parametrize(
    "text", ["", "-", "Edwards", "진공펌프", "A533", "P", "N", "대한민국", "한국"]
)
def test_other_words_are_none(text: str) -> None:
    assert known(text) is None


def test_no_spelling_stands_for_two_things() -> None:
    kinds: dict[str, set[str]] = {}
    for kind, texts in vocabulary._SPELLINGS.items():
        for text in texts.split(","):
            kinds.setdefault(vocabulary.label_key(text), set()).add(kind)
    assert {key for key, found in kinds.items() if len(found) > 1} == set()


@given(st.sampled_from(sorted(vocabulary.VOCABULARY)), st.data())
def test_signs_spaces_and_case_do_not_matter(key: str, data: st.DataObject) -> None:
    sign = st.sampled_from(["", " ", ".", "/", "-"])
    written = "".join(data.draw(sign) + char for char in key)
    cased = written.upper() if data.draw(st.booleans()) else written
    assert known(cased) == (vocabulary.VOCABULARY[key], 1.0)


@pytest.mark.parametrize(
    ("misread", "kind"),
    [
        ("헝식", "model"),
        ("제조번흐", "serial_number"),
        ("일런번호", "serial_number"),
        ("부픔번호", "part_number"),
    ],
)
def test_one_wrong_letter_in_a_korean_label_is_forgiven(misread: str, kind: str) -> None:
    label = known(misread)
    assert label is not None
    assert label.kind == kind
    assert label.certainty < 1


@given(st.text("가나다라마바사아자차카타파하번호형식", min_size=2, max_size=6))
def test_a_near_label_is_near_one_of_its_kind(text: str) -> None:
    label = known(text)
    if label is not None and label.certainty < 1:
        jamo = unicodedata.normalize("NFD", text)
        distances = [
            vocabulary._differ(jamo, spelling)
            for spelling, kind in vocabulary._JAMO.items()
            if kind == label.kind
        ]
        assert 1 <= min(distances) <= max(1, len(jamo) // 6)
