"""Letters as they are typed: against an oracle in Python, by round trips, and by examples."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.helpers import column

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
# In the order of Unicode; as they are typed.
VOWELS = [
    *"ㅏㅐㅑㅒㅓㅔㅕㅖㅗ",
    "ㅗㅏ",
    "ㅗㅐ",
    "ㅗㅣ",
    "ㅛ",
    "ㅜ",
    "ㅜㅓ",
    "ㅜㅔ",
    "ㅜㅣ",
    "ㅠ",
    "ㅡ",
]
VOWELS += ["ㅡㅣ", "ㅣ"]
FINALS = [
    "",
    "ㄱ",
    "ㄲ",
    "ㄱㅅ",
    "ㄴ",
    "ㄴㅈ",
    "ㄴㅎ",
    "ㄷ",
    "ㄹ",
    "ㄹㄱ",
    "ㄹㅁ",
    "ㄹㅂ",
    "ㄹㅅ",
    "ㄹㅌ",
]
FINALS += ["ㄹㅍ", "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", *"ㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
KEYS = dict(
    zip(
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        "qwertyuiopasdfghjklzxcvbnmQWERTOP",
        strict=True,
    )
)
SYLLABLES = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=12)
# Syllables, letters of the keyboard, Latin letters, digits, spaces and an accent.
TEXTS = st.text(
    st.one_of(
        st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
        st.sampled_from("ㄱㄴㄹㅂㅅㅎㅃㅏㅗㅜㅡㅣㅒ aZ7-é\n"),
    ),
    max_size=12,
)
EXAMPLES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def one(db: Conn, function: str, text: str) -> str:
    """Call a function of a text."""
    return str(column(db, f"SELECT impl.{function}(%s)", (text,))[0])


def typed(text: str) -> str:
    """Oracle of `impl.jamo` for syllables."""
    out = []
    for char in text:
        at = ord(char) - 0xAC00
        out.append(LEADS[at // 588] + VOWELS[at % 588 // 28] + FINALS[at % 28])
    return "".join(out)


@EXAMPLES
@given(text=SYLLABLES)
def test_syllables_are_split_and_composed_as_the_oracle_says(plain: Conn, text: str) -> None:
    assert one(plain, "jamo", text) == typed(text)
    assert one(plain, "compose_jamo", typed(text)) == text
    assert one(plain, "initials", text) == "".join(LEADS[(ord(c) - 0xAC00) // 588] for c in text)


def test_every_syllable_makes_the_round_trip(plain: Conn) -> None:
    wrong = column(
        plain,
        "SELECT s FROM (SELECT chr(c) AS s FROM generate_series(44032, 55203) AS c) AS all_of_them"
        " WHERE impl.compose_jamo(impl.jamo(s)) <> s OR impl.other_keyboard(impl.other_keyboard(s)) <> s",
    )
    assert wrong == []


@EXAMPLES
@given(text=TEXTS)
def test_what_is_composed_has_the_same_letters(plain: Conn, text: str) -> None:
    letters = one(plain, "jamo", text)
    assert one(plain, "jamo", one(plain, "compose_jamo", letters)) == letters
    assert one(plain, "jamo", letters) == letters


@EXAMPLES
@given(text=SYLLABLES)
def test_a_word_half_typed_is_a_prefix(plain: Conn, text: str) -> None:
    whole = one(plain, "jamo", text)
    for n in range(len(whole)):
        assert whole.startswith(one(plain, "jamo", one(plain, "compose_jamo", whole[:n])))


@EXAMPLES
@given(text=SYLLABLES)
def test_the_other_keyboard_is_the_same_keys(plain: Conn, text: str) -> None:
    keys = "".join(KEYS[letter] for letter in typed(text))
    assert one(plain, "other_keyboard", text) == keys
    assert one(plain, "other_keyboard", keys) == text


@pytest.mark.parametrize(
    ("function", "text", "expected"),
    [
        ("jamo", "과", "ㄱㅗㅏ"),
        ("jamo", "값", "ㄱㅏㅂㅅ"),
        ("jamo", "펌ㅍ", "ㅍㅓㅁㅍ"),
        ("jamo", "ㅈㄱㅍㅍ", "ㅈㄱㅍㅍ"),
        ("jamo", "ㄳㅘ", "ㄱㅅㅗㅏ"),
        ("jamo", unicodedata.normalize("NFD", "진공"), "ㅈㅣㄴㄱㅗㅇ"),
        ("jamo", "ﾊﾞルブ Café ＮＲＹ-1", "バルブ café nry-1"),
        ("compose_jamo", "ㅈㅣㄴㄱㅗㅇ ㅍㅓㅁㅍ", "진공 펌ㅍ"),
        ("compose_jamo", "ㄱㅏㅂㅅㅇㅣ", "값이"),
        ("compose_jamo", "ㄱㅏㅂㅅㅣ", "갑시"),
        ("compose_jamo", "ㅈㄱㅍㅍ", "ㅈㄱㅍㅍ"),
        ("compose_jamo", "", ""),
        ("initials", "진공 펌프 P1", "ㅈㄱ ㅍㅍ p1"),
        ("initials", "ㅈㄱ", "ㅈㄱ"),
        ("initials", "Vacuum PUMP é", "vacuum pump é"),
        ("other_keyboard", "wlsrhd", "진공"),
        ("other_keyboard", "ㅔㅕㅡㅔ", "pump"),
        ("other_keyboard", "WLSRHD", "찐꽁"),
        ("other_keyboard", "dkssud!", "안녕!"),
        ("other_keyboard", "12-3", "12-3"),
    ],
)
def test_examples(plain: Conn, function: str, text: str, expected: str) -> None:
    assert one(plain, function, text) == expected
