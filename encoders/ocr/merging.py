"""Merging of two readings of one line: Hangul from the engine that reads it, the rest from the other.

The first engine leaves Hangul out, or writes Han in its place, and is right about letters, digits and
signs, which the second one takes for others. Both are aligned character by character at the least cost
(Needleman and Wunsch, 1970).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[가-힣](?: ?[가-힣])*")
_SYLLABLE, _ENDS_LABEL = re.compile("[가-힣]"), re.compile("[가-힣:]$")
# Another character in the same place; the other case; a character that only one of them has.
_OTHER, _CASE, _ALONE = 1.0, 0.1, 1.0
# Hangul that the first engine leaves out, or takes for Han or for a letter that is not ASCII; Han
# without Hangul.
_LEFT_OUT, _FOR_HAN, _FOR_LETTER = 0.3, 0.1, 0.3
# A single syllable may be a Latin letter misread; words of several seldom are.
_MISREAD, _SELDOM = 0.9, 4.0

_IN_COMMON = 1 / 3


class _Char(NamedTuple):
    """A character that is no space, and whether a space is before and behind it.

    `word` is how many syllables the word of Hangul has that it is in; 0 for all other characters.
    """

    char: str
    spaced: bool
    ends: bool
    word: int = 0


class _CharPair(NamedTuple):
    """A place of the line: its character in each reading, None where that has none."""

    hangul: _Char | None
    latin: _Char | None


def merged(hangul: str, latin: str, *, room: bool = True) -> str:
    """Put the Hangul of one reading of a line into another reading of it.

    Args:
        hangul: By an engine that reads Hangul.
        latin: By one that does not.
        room: Whether the line is so long that `latin` leaves a part of it unread. Without, Hangul is
            believed only where the readings agree about something else: Latin words are misread as it.

    Returns:
        All letters, digits and signs of `latin` in their order, without Han, and between them the
        Hangul of the other; `hangul` itself where `latin` has neither letter nor digit.
    """
    latin = unicodedata.normalize("NFKC", latin)
    if not any(char.isascii() and char.isalnum() for char in latin):
        return hangul
    pairs = _aligned(list(_chars(hangul)), list(_chars(latin)))
    if not room and not _agree(pairs):
        return latin
    text = ""
    for before, pair in pairwise([_CharPair(None, None), *pairs]):
        kept = _kept(pair)
        if kept is not None:
            text += f" {kept.char}" if _spaced(before, pair, text) else kept.char
    return text.strip()


def _agree(pairs: list[_CharPair]) -> bool:
    """Whether both readings have some characters in common, and so are of the same line."""
    there = [(one, other) for one, other in pairs if other is not None and other.char.isalnum()]
    same = [one for one, other in there if one is not None and _together(one, other) <= _CASE]
    return len(same) >= _IN_COMMON * len(there)


def _spaced(before: _CharPair, pair: _CharPair, text: str) -> bool:
    """Whether a space goes before a character: one of its own reading, or one around Hangul or a colon.

    The reader of Hangul sees spaces within Latin words too.
    """
    hangul, latin = pair
    if latin is not None and latin.spaced:
        return True
    if hangul is not None and hangul.spaced:
        return _kept(pair) is hangul or _ENDS_LABEL.search(text) is not None
    earlier, same = before
    if earlier is None or not earlier.ends:
        return False
    colon = same is not None and same.char == earlier.char == ":"
    return colon or _kept(before) is earlier


def is_east_asian(char: str) -> bool:
    """Whether a character is Han, Kana or Bopomofo: what Hangul is taken for."""
    return unicodedata.name(char, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO"))


def _chars(text: str) -> Iterator[_Char]:
    words = {
        at: len(_SYLLABLE.findall(m[0]))
        for m in _WORD.finditer(text)
        for at in range(m.start(), m.end())
    }
    for at, char in enumerate(text):
        if not char.isspace():
            spaced, ends = text[at - 1 : at].isspace(), text[at + 1 : at + 2].isspace()
            yield _Char(char, spaced, ends, words.get(at, 0))


def _aligned(first: list[_Char], second: list[_Char]) -> list[_CharPair]:
    """Pairs of characters at the least cost; of those alone in one place, the first reading's lead."""
    cost = np.zeros((len(first) + 1, len(second) + 1))
    cost[1:, 0] = np.cumsum([_alone(one) for one in first])
    cost[0, 1:] = np.cumsum([_alone(one) for one in second])
    for row, one in enumerate(first, start=1):
        for column, other in enumerate(second, start=1):
            cost[row, column] = min(_steps(cost, row, column, one, other))
    pairs = []
    row, column = len(first), len(second)
    while row and column:
        one, other = first[row - 1], second[column - 1]
        steps = _steps(cost, row, column, one, other)
        both, latin_alone, _ = (step == min(steps) for step in steps)
        pairs.append(
            _CharPair(None if latin_alone > both else one, other if both or latin_alone else None)
        )
        row, column = row - (pairs[-1].hangul is not None), column - (pairs[-1].latin is not None)
    rest = [_CharPair(one, None) for one in first[:row]] + [
        _CharPair(None, one) for one in second[:column]
    ]
    return rest + pairs[::-1]


def _steps(
    cost: NDArray[np.float64], row: int, column: int, one: _Char, other: _Char
) -> tuple[float, float, float]:
    """Costs up to here if both stand in one place, if the second is alone, if the first is."""
    return (
        round(float(cost[row - 1, column - 1]) + _together(one, other), 6),
        round(float(cost[row, column - 1]) + _alone(other), 6),
        round(float(cost[row - 1, column]) + _alone(one), 6),
    )


def _together(hangul: _Char, latin: _Char) -> float:
    if hangul.char == latin.char:
        return 0.0
    if hangul.word:
        if is_east_asian(latin.char):
            return _FOR_HAN
        if not latin.char.isascii():
            return _FOR_LETTER
        return _MISREAD if hangul.word == 1 and latin.char.isalnum() else _SELDOM
    return _CASE if hangul.char.casefold() == latin.char.casefold() else _OTHER


def _alone(one: _Char) -> float:
    return _LEFT_OUT if one.word or is_east_asian(one.char) else _ALONE


def _kept(pair: _CharPair) -> _Char | None:
    """The character of a place that belongs to the line, if any does."""
    hangul, latin = pair
    if hangul is not None and latin is not None and hangul.char == latin.char:
        return latin._replace(word=0)
    if hangul is not None and hangul.word and (latin is None or not latin.char.isascii()):
        return hangul
    if latin is None or is_east_asian(latin.char):
        return None
    return latin
