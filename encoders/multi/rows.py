"""Vectors of tokens as the database takes them: one row per query, a mean per passage."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from encoders.base import Places, TokenVectors, Vectors
from encoders.runtime.rows import unit_rows

# A halfvec holds 16,000 numbers, and a query is one.
MOST_NUMBERS = 16_000
_WORD = re.compile(r"\w+")


def flat(tokens: TokenVectors) -> Vectors:
    """The vectors of a query one after the other, float32 of shape (tokens * dim,); the first that fit."""
    dim = tokens.vectors.shape[1]
    row: Vectors = tokens.vectors[: MOST_NUMBERS // dim].reshape(-1)
    return row


def means(texts: Sequence[TokenVectors], dim: int) -> Vectors:
    """The direction of the mean of each text's tokens, float32 of shape (len(texts), dim), unit rows."""
    if not texts:
        return np.empty((0, dim), dtype=np.float32)
    return np.concatenate([mean_row(one.vectors) for one in texts])


def mean_row(vectors: Vectors) -> Vectors:
    """The direction of the mean of unit rows, shape (1, dim); the first row where they cancel out."""
    middle = vectors.mean(axis=0, keepdims=True)
    return unit_rows(middle if np.linalg.norm(middle) > 1e-6 else vectors[:1])


def words_at(text: str, offsets: Sequence[tuple[int, int]]) -> list[Places]:
    """Widen the offsets of tokens to the words that they are part of; none for an empty offset.

    A token of signs alone, such as a comma, stands for itself.
    """
    ends: dict[int, tuple[int, int]] = {}
    for word in _WORD.finditer(text):
        ends.update(dict.fromkeys(range(*word.span()), word.span()))
    spans: list[Places] = []
    for start, stop in offsets:
        found = {ends[at] for at in range(start, stop) if at in ends}
        plain = {(start, stop)} if stop > start and text[start:stop].strip() else set()
        spans.append(tuple(sorted(found or plain)))
    return spans


def merged(places: Sequence[Places]) -> Places:
    """The places of several tokens together, each once."""
    return tuple(sorted({one for each in places for one in each}))
