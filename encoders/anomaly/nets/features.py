"""Patch features from the feature maps of a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoders.anomaly.change import CELLS
from encoders.anomaly.coreset import signs
from encoders.runtime.optional import require

# Layers with more channels are projected to so many: banks must fit into memory and compare fast.
WIDEST = 256
_POOL = 3


class Seen(NamedTuple):
    """Features of a picture.

    Attributes:
        patches: As of `Backbone.features`, float32 of shape (rows, columns, dim).
        coarse: A layer of the middle, averaged over cells: (cells, cells, channels).
    """

    patches: NDArray[np.float32]
    coarse: NDArray[np.float32]


def patch_features(layers: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Patch features from feature maps: smoothed, resized to the finest map, concatenated.

    Args:
        layers: Per layer, float32 of shape (n, channels, rows, columns).

    Returns:
        float32 of shape (n, rows, columns, dim), rows and columns being the finest layer's.
    """
    cv2 = require("cv2")
    rows, columns = max(layer.shape[2:] for layer in layers)
    parts = []
    for number, layer in enumerate(layers):
        maps = layer.transpose(0, 2, 3, 1)
        if maps.shape[3] > WIDEST:
            maps = maps @ signs(maps.shape[3], WIDEST, number)
        smooth = _smoothed(maps)
        if smooth.shape[1:3] != (rows, columns):
            smooth = np.stack([cv2.resize(one, (columns, rows)) for one in smooth])
        parts.append(smooth)
    return np.concatenate(parts, axis=3)


def coarse_features(layer: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of a feature map over coarse cells.

    Args:
        layer: float32 of shape (1, channels, rows, columns).

    Returns:
        float32 of shape (CELLS, CELLS, channels).
    """
    cv2 = require("cv2")
    smooth = _smoothed(layer.transpose(0, 2, 3, 1))[0]
    found: NDArray[np.float32] = cv2.resize(smooth, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return found


def _smoothed(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean over each 3 x 3 neighbourhood; edge values are repeated outside."""
    half = _POOL // 2
    wide = np.pad(maps, ((0, 0), (half, half), (half, half), (0, 0)), mode="edge")
    rows, columns = maps.shape[1:3]
    summed = np.zeros_like(maps)
    for row in range(_POOL):
        for column in range(_POOL):
            summed += wide[:, row : row + rows, column : column + columns]
    return summed / np.float32(_POOL**2)


def identity(name: str, revision: str, layers: Sequence[str]) -> str:
    """Everything that features depend on, in words."""
    return f"{name}@{revision} layers={'+'.join(layers)} mean={_POOL} width={WIDEST}"
