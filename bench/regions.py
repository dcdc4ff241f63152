"""Per-region overlap: how much of each defect is found, small ones counting as much as large ones.

P. Bergmann, M. Fauser, D. Sattlegger, C. Steger: Uninformed Students, CVPR 2020.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

LIMIT = 0.3
THRESHOLDS = 400


def per_region_overlap(
    maps: Sequence[NDArray[np.float32]], masks: Sequence[NDArray[np.bool_]], limit: float = LIMIT
) -> float:
    """Area under the mean overlap of regions over the false-positive rate of pixels, up to a limit.

    Args:
        maps: anomaly maps, float32 of shape (height, width), any number of sizes.
        masks: true where a picture is defective, of the map's shape.
        limit: the area is taken up to this rate, and divided by it.

    Returns:
        Between 0 and 1; NaN without a region, or without a pixel outside of all.
    """
    regions = [
        np.sort(scores[labels == number])
        for scores, mask in zip(maps, masks, strict=True)
        for count, labels in [cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)]
        for number in range(1, count)
    ]
    outside = np.sort(np.concatenate([s[~m] for s, m in zip(maps, masks, strict=True)]))
    if not regions or not len(outside):
        return float("nan")
    # Thresholds where the rate moves: among the scores outside, the highest `limit` of them.
    at = np.quantile(outside, 1 - np.linspace(0, limit, THRESHOLDS))
    rates = np.append(above(outside, at), 1.0)
    overlaps = np.append(np.mean([above(region, at) for region in regions], axis=0), 1.0)
    grid = np.linspace(0, limit, 10 * THRESHOLDS)
    return float(np.trapezoid(np.interp(grid, rates, overlaps), grid) / limit)


def above(ordered: NDArray[np.float32], thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the sorted scores that are above each threshold."""
    found: NDArray[np.float64] = 1 - np.searchsorted(ordered, thresholds, side="right") / len(
        ordered
    )
    return found
