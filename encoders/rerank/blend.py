"""A new order of the first items of an answer, from the search's scores and a reranker's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Blend(NamedTuple):
    """Weight of a reranker in the new order.

    Attributes:
        share: of the reranker in the new order, in (0, 1]; the rest is the search's.
        threshold: where no item scores at least this, the reranker knows none of them, and the order
            of the search stands; None: it always has its say.
    """

    share: float
    threshold: float | None = None


def order(base: Floats, read: Floats, blend: Blend) -> NDArray[np.intp]:
    """Places of the items in their new order; equal ones stay as they were; (Q, N).

    Args:
        base: scores of the search, the best first, NaN where an answer is shorter; (Q, N).
        read: scores of the reranker for the same items, NaN likewise; (Q, N).
        blend: how they are put together, each scaled to [0, 1] within its query.
    """
    trusted = np.ones((len(read), 1), dtype=bool)
    if blend.threshold is not None:
        trusted = np.any(read >= blend.threshold, axis=1, keepdims=True)
    share = np.where(trusted, blend.share, 0.0)
    mixed = (1 - share) * _scaled(base) + share * _scaled(read)
    places: NDArray[np.intp] = np.argsort(-np.nan_to_num(mixed, nan=-np.inf), axis=1, kind="stable")
    return places


def _scaled(scores: Floats) -> Floats:
    """To [0, 1] per row; 1 where all are equal."""
    low = np.min(scores, axis=1, keepdims=True, initial=np.inf, where=~np.isnan(scores))
    high = np.max(scores, axis=1, keepdims=True, initial=-np.inf, where=~np.isnan(scores))
    flat = np.where(np.isnan(scores), np.nan, 1.0)
    scaled: Floats = np.divide(
        scores - low, high - low, out=flat, where=np.broadcast_to(high > low, scores.shape)
    )
    return scaled
