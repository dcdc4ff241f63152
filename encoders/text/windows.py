"""Windows of long texts, overlapping, for any tokenizer that reports offsets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from encoders.base import Window


def split(
    text: str,
    token_starts: Sequence[int],
    *,
    limit: int,
    reserved: int,
    overlap: int,
    count: Callable[[str], int],
) -> list[Window]:
    """Cut a text into windows of at most `limit` tokens.

    Token starts of the whole text only propose the cuts: a piece may tokenize differently on its
    own, so `count` decides, and a window that is too long is shortened. A window never
    gets shorter than one character's worth of tokens, even if that alone exceeds the limit.

    Args:
        text: The text to cut.
        token_starts: Character offset at which each token starts, ascending, repeats allowed.
        limit: Tokens a window may have, by `count`.
        reserved: Tokens that `count` adds to every window (template, special tokens).
        overlap: Tokens neighbours share, about; less than half a window is kept.
        count: Tokens the model sees when given this piece of text.

    Returns:
        Windows in order; each starts after the one before it and no later than that one stops.
    """
    if count(text) <= limit:
        return [Window(text, 0, len(text))]
    budget = max(1, limit - reserved)
    cuts = _Cuts(text, token_starts)
    windows = []
    first, end = 0, cuts.last
    while True:
        last = _shrink(cuts, first, cuts.reach(first, budget), limit, count)
        start, stop = cuts.position(first), cuts.position(last)
        windows.append(Window(text[start:stop], start, stop))
        if last == end:
            return windows
        first = cuts.back(first, last, min(overlap, budget // 2))


def _shrink(cuts: _Cuts, first: int, last: int, limit: int, count: Callable[[str], int]) -> int:
    while last > first + 1:
        excess = count(cuts.slice(first, last)) - limit
        if excess <= 0:
            break
        last = max(first + 1, cuts.earlier(last, excess))
    return last


class _Cuts:
    """Places where a text may be cut, by index; index 0 is its start, `last` its end."""

    def __init__(self, text: str, token_starts: Sequence[int]) -> None:
        # A running maximum because a normaliser may report a composed character late.
        starts = np.maximum.accumulate(np.asarray([0, *token_starts], dtype=np.int64))
        positions, before = np.unique(starts[starts < len(text)], return_index=True)
        self._text = text
        self._positions: NDArray[np.int64] = np.append(positions, len(text))
        self._tokens_before: NDArray[np.int64] = np.append(
            np.maximum(before - 1, 0), len(token_starts)
        )

    @property
    def last(self) -> int:
        return len(self._positions) - 1

    def position(self, index: int) -> int:
        return int(self._positions[index])

    def slice(self, first: int, last: int) -> str:
        return self._text[self.position(first) : self.position(last)]

    def reach(self, first: int, budget: int) -> int:
        """Find the furthest cut within `budget` tokens of `first`, at a word if one is near."""
        furthest = self._find(self._tokens_before[first] + budget)
        if furthest >= self.last:
            return self.last
        near = max(first + 1, self._find(self._tokens_before[furthest] - budget // 8))
        words = (cut for cut in range(furthest, near - 1, -1) if self._at_word(cut))
        return next(words, max(furthest, first + 1))

    def earlier(self, last: int, tokens: int) -> int:
        return min(last - 1, self._find(self._tokens_before[last] - tokens))

    def back(self, first: int, last: int, overlap: int) -> int:
        """Find where the window after [first, last) starts: past `first`, about `overlap` back."""
        target = max(first + 1, self._find(self._tokens_before[last] - overlap))
        near = self._find(self._tokens_before[last] - overlap // 2)
        return next((cut for cut in range(target, near + 1) if self._at_word(cut)), target)

    def _find(self, tokens: int) -> int:
        return int(np.searchsorted(self._tokens_before, tokens, side="right")) - 1

    def _at_word(self, cut: int) -> bool:
        position = self.position(cut)
        return self._text[position].isspace() or self._text[position - 1].isspace()
