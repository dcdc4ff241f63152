from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.labels.normalize import label_key, normalize


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("Ｐ／Ｎ：０１９０—３５４６７", "P/N:0190-35467"),
        ("A533‑46−945", "A533-46-945"),
        ("S/N\u200b 21F\u00ad12552", "S/N 21F12552"),
        ("  제조번호 \u3000 21F \n", "제조번호 21F"),
        ("№ 5 ㎏", "No 5 kg"),
        ("“TYPE” ‘A’", "\"TYPE\" 'A'"),
        (unicodedata.normalize("NFD", "형식"), "형식"),
        ("", ""),
        ("\0\x07", ""),
    ],
)
def test_normalize(written: str, spelled: str) -> None:
    assert normalize(written) == spelled


@given(st.text())
def test_normalizing_again_changes_nothing(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once
    assert once == once.strip()
    assert "  " not in once
    assert "\0" not in once


@given(st.text("ABCdef0189-/. 제조번호형식"))
def test_what_is_spelled_already_only_loses_spaces(text: str) -> None:
    assert normalize(text) == " ".join(text.split())


@pytest.mark.parametrize(
    "spellings",
    [
        ("P/N", "p.n.", "PN", "P / N", "Ｐ／Ｎ", "(P/N)"),
        ("MODEL", "M0DEL", "Model", "MODEl", "MODE1", "m o d e l"),
        ("SERIAL NO", "SERlAL N0.", "Serial No:", "5erial no"),
        ("제조번호", "제조 번호", "제 조 번 호", "제조번호:"),
    ],
)
def test_labels_that_say_the_same_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({label_key(text) for text in spellings}) == 1
