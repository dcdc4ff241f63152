"""Synthetic text with the shape of real text: Zipf-distributed words, fixed seeds, no downloads."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

VOCABULARY = 100_000
EXPONENT = 1.07  # natural language is near 1
SYLLABLES = [c + v for c in "bdfghklmnprstvz" for v in "aeiou"]


def vocabulary(size: int = VOCABULARY) -> list[str]:
    """Pronounceable words, all different, none of which a stemmer or a stop list knows."""
    words = (
        "".join(parts) + "q" for n in (2, 3) for parts in itertools.product(SYLLABLES, repeat=n)
    )
    return list(itertools.islice(words, size))


def documents(count: int, length: int = 56, seed: int = 7) -> Iterator[str]:
    """`count` texts of about `length` words (Poisson), words drawn by Zipf's law."""
    words = np.array(vocabulary())
    weights = np.arange(1, VOCABULARY + 1) ** -EXPONENT
    weights /= weights.sum()
    rng = np.random.default_rng(seed)
    rng.shuffle(words)
    for start in range(0, count, 5000):
        lengths = np.maximum(rng.poisson(length, min(5000, count - start)), 1)
        drawn = words[rng.choice(VOCABULARY, lengths.sum(), p=weights)]
        for piece in np.split(drawn, lengths.cumsum()[:-1]):
            yield " ".join(piece)


def queries(texts: list[str], count: int, seed: int = 11) -> list[str]:
    """Three to six different words of a random text each: common words come as often as they occur."""
    rng = np.random.default_rng(seed)
    found = []
    while len(found) < count:
        words = list(dict.fromkeys(texts[rng.integers(len(texts))].split()))
        n = int(rng.integers(3, 7))
        if len(words) >= n:
            found.append(" ".join(rng.choice(words, n, replace=False)))
    return found
