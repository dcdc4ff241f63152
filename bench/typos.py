"""Typing errors in titles: letters, keyboards, spaces; with a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
from scratchdb import first

CONSONANTS, VOWELS = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ", "ㅏㅐㅑㅓㅔㅕㅗㅛㅜㅠㅡㅣ"
# Keys beside each other, in rows.
ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ",
    "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ",
    "ㅋㅌㅊㅍㅠㅜㅡ",
)
Conn = psycopg.Connection[Any]


class Typist:
    """Makes one typing error in a title; the same seed makes the same ones."""

    def __init__(self, conn: Conn, seed: int) -> None:
        self._conn = conn
        self._rng = random.Random(seed)
        self.kinds: dict[str, Callable[[list[str], int], str | None]] = {
            "replaced": self._edited(self._replace),
            "left out": self._edited(lambda letters, at: letters[:at] + letters[at + 1 :]),
            "put in": self._edited(
                lambda letters, at: letters[:at] + self._near(letters[at]) + letters[at:]
            ),
            "exchanged": self._edited(_exchange),
            "keyboard": self._keyboard,
            "joined": self._join,
            "split": self._split,
        }

    def typos(
        self, kind: str, titles: Sequence[str], korean: bool, n: int
    ) -> Iterator[tuple[str, str]]:
        """Yield what is typed, and the title."""
        titles = sorted(set(titles))
        self._rng.shuffle(titles)
        for title in titles:
            words = title.split()
            fit = [at for at, word in enumerate(words) if _fits(word, korean)]
            if not fit or n == 0:
                continue
            typed = self.kinds[kind](words, self._rng.choice(fit))
            if typed is not None and typed != " ".join(words):
                n -= 1
                yield typed, " ".join(words)

    def _edited(self, edit: Callable[[str, int], str]) -> Callable[[list[str], int], str]:
        def typed(words: list[str], at: int) -> str:
            letters = first(self._conn, "SELECT impl.split_hangul(%s)", [words[at]])
            slip = edit(letters, self._rng.randrange(len(letters)))
            word = first(self._conn, "SELECT impl.compose_jamo(%s)", [slip])
            return " ".join([*words[:at], word, *words[at + 1 :]])

        return typed

    def _replace(self, letters: str, at: int) -> str:
        return letters[:at] + self._near(letters[at]) + letters[at + 1 :]

    def _near(self, letter: str) -> str:
        """A key beside that of a letter in two of three slips, else any of its kind."""
        row = next((row for row in ROWS if letter.lower() in row), "")
        if row and self._rng.random() < 2 / 3:
            at = row.index(letter.lower())
            return self._rng.choice(row[max(at - 1, 0) : at] + row[at + 1 : at + 2])
        pool = (
            CONSONANTS
            if letter in CONSONANTS
            else VOWELS
            if letter in VOWELS
            else "".join(ROWS[:3])
        )
        return self._rng.choice(pool)

    def _keyboard(self, words: list[str], at: int) -> str:
        word = first(self._conn, "SELECT impl.other_keyboard(lower(%s))", [words[at]])
        return " ".join([*words[:at], word, *words[at + 1 :]])

    def _join(self, words: list[str], at: int) -> str | None:
        if at + 1 == len(words) or not _fits(words[at + 1], _korean(words[at])):
            return None
        return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])

    def _split(self, words: list[str], at: int) -> str:
        cut = self._rng.randrange(1, len(words[at]))
        return " ".join([*words[:at], words[at][:cut], words[at][cut:], *words[at + 1 :]])


def _exchange(letters: str, at: int) -> str:
    at = min(at, len(letters) - 2)
    return letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]


def _korean(word: str) -> bool:
    return any("가" <= letter <= "힣" for letter in word)


def _fits(word: str, korean: bool) -> bool:
    if korean:
        return len(word) >= 2 and all("가" <= letter <= "힣" for letter in word)
    return len(word) >= 4 and word.isascii() and word.isalpha()
