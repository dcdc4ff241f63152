"""The fusion of `search.hybrid`, over the lists of a run instead of the database.

The same sums in the same order: a test holds the result to the ranking of the database, ties included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from db.tuning import Fusion
    from jobs.tuning.lists import Lists

    Floats = NDArray[np.float64]


def contributions(lists: Lists, fusion: Fusion) -> Floats:
    """What each leg adds to the score of each item; 0 where it has not the item; (Q, M, L)."""
    weights = np.array([fusion.weights.get(leg, 1.0) for leg in lists.legs])
    if fusion.method == "rrf":
        added = weights / (fusion.k_rrf + lists.ranks)
    else:
        added = weights * normalized(lists, fusion.normalization)
    return np.nan_to_num(added, nan=0.0)


def normalized(lists: Lists, normalization: str) -> Floats:
    """Scores as `weighted` fusion adds them up, NaN where a leg has not the item; (Q, M, L)."""
    if normalization == "none":
        return lists.scores
    low, high, deviation = (lists.spread[:, None, :, at] for at in range(3))
    extent, otherwise = (high - low, 1.0) if normalization == "minmax" else (deviation, 0.0)
    above = lists.scores - low
    flat = np.where(np.isnan(above), np.nan, otherwise)
    scaled: Floats = np.divide(
        above, extent, out=flat, where=np.broadcast_to(extent != 0, above.shape)
    )
    return scaled


def fused(lists: Lists, fusion: Fusion) -> Floats:
    """Scores of the items, -inf where there is none; (Q, M)."""
    added = contributions(lists, fusion)
    total = np.zeros(lists.listed.shape)
    for column in range(added.shape[2]):  # one after the other: addition rounds
        total = total + added[:, :, column]
    return np.where(lists.listed, total, -np.inf)


def ranked(scores: Floats, depth: int) -> NDArray[np.intp]:
    """Places of the best items, the best first, equal scores in the order of the items; (Q, depth)."""
    order: NDArray[np.intp] = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
    return order


def single(lists: Lists, leg: str) -> Floats:
    """Scores as if a leg were alone: by its rank, nothing else is found; (Q, M)."""
    ranks = lists.ranks[:, :, lists.legs.index(leg)]
    return np.where(np.isnan(ranks), -np.inf, -ranks)
