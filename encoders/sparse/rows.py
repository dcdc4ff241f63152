"""Token weights as the database takes them: a query is one vector of half floats."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from encoders.base import TokenWeights, Vectors

# A halfvec holds 16,000 numbers; a token takes three of them.
MOST_TOKENS = 5_333
# Whole numbers up to this are exact in half floats, so that a token's number is two of them.
_BASE = 2048
# What is below says nothing, and could not be multiplied.
LEAST = 1e-6


def packed(tokens: TokenWeights) -> Vectors:
    """The weights of a query as one row, float32 of shape (3 * n,), as `impl.unpacked` reads it.

    Per token its number in two parts and its weight; of more than `MOST_TOKENS` those that weigh most.
    Without tokens one that weighs nothing.
    """
    if not len(tokens.ids):
        return np.zeros(3, dtype=np.float32)
    if len(tokens.ids) > MOST_TOKENS:
        kept = np.sort(np.argsort(-tokens.weights, kind="stable")[:MOST_TOKENS])
        tokens = TokenWeights(tokens.ids[kept], tokens.weights[kept])
    high, low = np.divmod(tokens.ids, _BASE)
    row: Vectors = np.stack([high, low, tokens.weights], axis=1).astype(np.float32).reshape(-1)
    return row


def product(query: Vectors, passage: TokenWeights) -> float:
    """Score of a passage for a query as `packed` made it: the inner product of their weights."""
    high, low, weights = query.reshape(-1, 3).T
    ids = (_BASE * high + low).astype(np.int32)
    _, ours, theirs = np.intersect1d(ids, passage.ids, assume_unique=True, return_indices=True)
    return float(weights[ours] @ passage.weights[theirs])


def weighed(row: NDArray[np.float32]) -> TokenWeights:
    """Tokens of a dense row of weights, shape (vocabulary,), that weigh anything."""
    ids = np.flatnonzero(row >= LEAST).astype(np.int32)
    return TokenWeights(ids, np.asarray(row[ids], dtype=np.float32))


def counted(tokens: Sequence[int], weights: NDArray[np.float32]) -> TokenWeights:
    """Each token of a text once, with its weight in the vocabulary; repetitions count nothing."""
    ids = np.unique(np.asarray(tokens, dtype=np.int32))
    kept = ids[weights[ids] >= LEAST]
    return TokenWeights(kept, np.asarray(weights[kept], dtype=np.float32))
