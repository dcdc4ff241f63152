"""Maps from frozen vectors into a common space: linear, or with a small hidden layer beside."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoders.base import Vectors
from encoders.runtime.rows import unit_rows

Weights = NDArray[np.float32]


class Map(NamedTuple):
    """One side's map: `x @ linear + relu(x @ down) @ up`, of the input centred and scaled.

    Attributes:
        centre: Mean of the vectors that it was learned from, shape (in,).
        scale: By which the centred input is multiplied, shape (in,).
        linear: Shape (in, dim).
        down: Shape (in, hidden); hidden is 0 where the map is linear.
        up: Shape (hidden, dim).
    """

    centre: Weights
    scale: Weights
    linear: Weights
    down: Weights
    up: Weights

    def prepared(self, vectors: Vectors) -> Weights:
        """Centre and scale frozen vectors; shape (n, in) as given."""
        rows: Weights = (vectors - self.centre) * self.scale
        return rows

    def raw(self, prepared: Weights) -> Weights:
        """Map prepared rows, shape (n, in); returns shape (n, dim), of any length."""
        straight = prepared @ self.linear
        bent: Weights = np.maximum(prepared @ self.down, 0) @ self.up
        return straight + bent

    def apply(self, vectors: Vectors) -> Vectors:
        """Map frozen vectors, float32 of shape (n, in); rows of shape (n, dim) have length one.

        Raises:
            ValueError: If a row comes out without direction.
        """
        return unit_rows(self.raw(self.prepared(vectors)).astype(np.float32))
