"""BM25 of every document, in numpy: what the systems under test are judged by.

score = sum over the query's words of idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average length)),
idf = ln(1 + (N - df + 0.5) / (df + 0.5)), in double precision, lengths not rounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

K1 = 1.2
B = 0.75


class Verdict(NamedTuple):
    """How much of an answer is right: the share of its places, and whether that is all of them."""

    share: float
    identical: bool


class Exact:
    """An inverted index over texts whose tokens are separated by spaces."""

    def __init__(self, texts: Sequence[str]) -> None:
        words: dict[str, int] = {}
        lengths = np.fromiter((len(text.split()) for text in texts), np.int64, len(texts))
        drawn = (words.setdefault(w, len(words)) for text in texts for w in text.split())
        tokens = np.fromiter(drawn, np.int64, int(lengths.sum()))
        # One key per (word, document): sorted, the keys are the postings of one word after another.
        keys = tokens * len(texts) + np.repeat(np.arange(len(texts)), lengths)
        keys, counts = np.unique(keys, return_counts=True)
        self.words = words
        self.docs = (keys % len(texts)).astype(np.int32)
        self.starts = np.searchsorted(keys // len(texts), np.arange(len(words) + 1))
        norm = K1 * (1 - B + B * lengths / lengths.mean())
        self.parts = counts * (K1 + 1) / (counts + norm[self.docs])
        self.n_docs = len(texts)

    def scores(self, query: str) -> NDArray[np.float64]:
        """The score of every document; 0 where it has no word of the query."""
        total = np.zeros(self.n_docs)
        for word in query.split():
            if word in self.words:
                at = slice(*self.starts[self.words[word] : self.words[word] + 2])
                df = at.stop - at.start
                idf = np.log(1 + (self.n_docs - df + 0.5) / (df + 0.5))
                total[self.docs[at]] += idf * self.parts[at]
        return total


def judge(scores: NDArray[np.float64], found: Sequence[int], k: int) -> Verdict:
    """Compare an answer with the exact scores; documents of equal score may stand for each other."""
    k = min(k, int((scores > 0).sum()))
    if k == 0:
        return Verdict(1.0, not found)
    least = np.partition(scores, -k)[-k]
    right = int((scores[list(found[:k])] >= least * (1 - 1e-6)).sum())
    return Verdict(right / k, right == k)
