"""The fusion of `search.hybrid` in memory, over the lists of a run.

The same sums in the same order: a test holds the result to the ranking of the database, ties included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.tuning import Fusion, Trees
    from jobs.tuning.lists import Lists
    from jobs.types import Floats, Rows


def contributions(lists: Lists, fusion: Fusion) -> Floats:
    """Score that each leg adds to each item, 0 where it does not list it; (Q, M, L)."""
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
    there = np.broadcast_to(extent != 0, above.shape)
    scaled: Floats = np.divide(above, extent, out=flat, where=there)
    return scaled


def fused(lists: Lists, fusion: Fusion) -> Floats:
    """Scores of the items, -inf for padding; (Q, M)."""
    if fusion.model is not None:
        learned = predicted(fusion.model, aligned(lists, fusion.model.legs))
        return np.where(lists.listed, learned, -np.inf)
    added = contributions(lists, fusion)
    total = np.zeros(lists.listed.shape)
    for column in range(added.shape[2]):  # one after the other: addition rounds
        total = total + added[:, :, column]
    return np.where(lists.listed, total, -np.inf)


def features(lists: Lists) -> Floats:
    """Rank, score and scaled scores of each leg, NaN where it has not the item; (Q, M, 4 L)."""
    by_leg = [lists.ranks, lists.scores, normalized(lists, "minmax"), normalized(lists, "zscore")]
    return np.stack(by_leg, axis=3).reshape(*lists.listed.shape, -1)


def aligned(lists: Lists, legs: Sequence[str]) -> Floats:
    """The features of some legs in their order, NaN where a run has not the leg; (Q, M, 4 * legs)."""
    there = features(lists).reshape(*lists.listed.shape, len(lists.legs), 4)
    missing = np.full((*lists.listed.shape, 4), np.nan)
    chosen = [there[:, :, lists.legs.index(leg)] if leg in lists.legs else missing for leg in legs]
    return np.concatenate(chosen, axis=2)


def predicted(trees: Trees, given: Floats) -> Floats:
    """Scores of items by their features (..., F), tree after tree as SQL adds them up; (...,)."""
    flat = given.reshape(-1, given.shape[-1])
    names = ("feature", "threshold", "left", "right", "missing", "value")
    feature, threshold, left, right, missing, value = (
        np.array([0, *getattr(trees, name)]) for name in names
    )
    total, rows = np.zeros(len(flat)), np.arange(len(flat))
    for root in trees.roots:
        node = np.full(len(flat), root)
        while (inner := feature[node] > 0).any():
            x = flat[rows, np.maximum(feature[node] - 1, 0)]
            below = np.where(x <= threshold[node], left[node], right[node])
            node = np.where(inner, np.where(np.isnan(x), missing[node], below), node)
        total = total + value[node]
    return total.reshape(given.shape[:-1])


def ranked(scores: Floats, depth: int) -> Rows:
    """Places of the best items, the best first, equal scores in the order of the items; (Q, depth)."""
    order: Rows = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
    return order


def single(lists: Lists, leg: str) -> Floats:
    """Scores as if a leg were alone: by its rank, nothing else is found; (Q, M)."""
    ranks = lists.ranks[:, :, lists.legs.index(leg)]
    return np.where(np.isnan(ranks), -np.inf, -ranks)
