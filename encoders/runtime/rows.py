"""Vectors as rows of unit length."""

from __future__ import annotations

import numpy as np

from encoders.base import Vectors


def unit_rows(rows: Vectors, dim: int | None = None) -> Vectors:
    """Cut every row to its first `dim` numbers, all for None, and scale it to unit length.

    Raises:
        ValueError: If a row has no direction: all zero, or not finite.
    """
    cut = rows[:, :dim]
    norms = np.linalg.norm(cut, axis=1, keepdims=True)
    if not (np.isfinite(norms) & (norms > 0)).all():
        raise ValueError("the model gave a vector without direction (zeros, infinity or NaN)")
    scaled: Vectors = cut / norms
    return scaled
