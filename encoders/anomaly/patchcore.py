"""PatchCore: scores of the patches of a picture against a memory bank."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoders.runtime.optional import require

# Patches around the nearest one that weigh an image score (b in the paper).
_NEIGHBOURS = 9
# Of the Gaussian that smooths a map, in pixels of the square picture the backbone sees; the paper's.
_SIGMA = 4.0


class MemoryBank(NamedTuple):
    """Standardised features of normal patches.

    Attributes:
        patches: Standardised features, float32 of shape (n, dim).
        centre: Mean of each channel over normal patches, float32 of shape (dim,).
        spread: Their standard deviation times the root of dim, float32 of shape (dim,), positive.
    """

    patches: NDArray[np.float32]
    centre: NDArray[np.float32]
    spread: NDArray[np.float32]


class Scores(NamedTuple):
    """Anomaly scores of a picture.

    Attributes:
        image: The image score, 0 or more; higher is more abnormal.
        patches: Distance of each patch to the bank, float32 of shape (rows, columns).
        nearest: Number of the bank's patch that is nearest to the most abnormal one.
        parts: Calibrated level of each detector, by name; nothing where the bank judges alone.
        layers: Calibrated levels of the detectors that have a place, (side, side, 3), in their order;
            None where the bank judges alone.
    """

    image: float
    patches: NDArray[np.float32]
    nearest: int
    parts: Mapping[str, float] = MappingProxyType({})
    layers: NDArray[np.float32] | None = None


class Scorer:
    """Scores pictures against one bank. Does not change, so threads may share it.

    Args:
        bank: The bank.
        rim: Patches from each edge that do not count for the image score: networks see what is
            beyond the edge, too, and pieces often end there. Maps show them all the same.
    """

    def __init__(self, bank: MemoryBank, rim: int = 0) -> None:
        self._bank = bank
        self._rim = rim
        self._squares = np.einsum("ij,ij->i", bank.patches, bank.patches)

    def scores(self, features: NDArray[np.float32]) -> Scores:
        """Score a picture.

        Args:
            features: As a backbone gives them, float32 of shape (rows, columns, dim).

        Raises:
            ValueError: If `dim` is not the bank's.
        """
        distances, nearest = self.distances(features)
        asked = standardised(features.reshape(-1, features.shape[2]), self._bank)
        worst = self._worst(distances)
        near = int(nearest.flat[worst])
        image = float(distances.flat[worst]) * self._weight(asked[worst], near)
        return Scores(image, distances, near)

    def distances(
        self, features: NDArray[np.float32], without: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Distances of the patches of a picture, and the bank's patches they are to.

        Args:
            features: As a backbone gives them, float32 of shape (rows, columns, dim).
            without: True for the bank's patches that do not count.

        Returns:
            Both of shape (rows, columns).

        Raises:
            ValueError: If `dim` is not the bank's.
        """
        rows, columns, dim = features.shape
        if dim != self._bank.patches.shape[1]:
            raise ValueError(f"features of {dim} channels, a bank of {self._bank.patches.shape[1]}")
        squared = self._squared(standardised(features.reshape(-1, dim), self._bank))
        if without is not None:
            squared[:, without] = np.inf
        nearest = squared.argmin(axis=1)
        found = np.sqrt(squared[np.arange(len(squared)), nearest])
        return found.reshape(rows, columns), nearest.reshape(rows, columns)

    def _worst(self, distances: NDArray[np.float32]) -> int:
        """Index of the most abnormal patch inside the rim."""
        rows, columns = distances.shape
        rim = min(self._rim, (rows - 1) // 2, (columns - 1) // 2)
        inside = distances[rim : rows - rim, rim : columns - rim]
        row, column = divmod(int(inside.argmax()), inside.shape[1])
        return int((row + rim) * columns + column + rim)

    def _squared(self, asked: NDArray[np.float32]) -> NDArray[np.float32]:
        own = np.einsum("ij,ij->i", asked, asked)[:, np.newaxis]
        found = own + self._squares - 2 * (asked @ self._bank.patches.T)
        near: NDArray[np.float32] = np.maximum(found, 0, out=found)
        return near

    def _weight(self, patch: NDArray[np.float32], nearest: int) -> float:
        """Weight of an image score (equation 7 of the paper): less where the bank is dense.

        A normal patch from where the memory is dense is then less of an outlier than one as far from a
        patch that stands alone.
        """
        around = self._squared(self._bank.patches[nearest : nearest + 1])[0]
        count = min(_NEIGHBOURS, len(around))
        near = np.argpartition(around, count - 1)[:count]
        far = np.linalg.norm(self._bank.patches[near] - patch, axis=1)
        own = np.linalg.norm(self._bank.patches[nearest] - patch)
        # Softmax; the largest is subtracted so that nothing overflows.
        top = max(float(far.max()), float(own))
        share = np.exp(own - top) / np.exp(far - top).sum()
        # A bank of one patch has no neighbourhood to compare with.
        return 1.0 if count == 1 else float(1 - share)


def standardised(patches: NDArray[np.float32], bank: MemoryBank) -> NDArray[np.float32]:
    """Features as stored in the bank; float32 of the shape given."""
    return (patches - bank.centre) / bank.spread


def anomaly_map(
    patches: NDArray[np.float32],
    side: int,
    size: tuple[int, int] | None = None,
    sigma: float = _SIGMA,
) -> NDArray[np.float32]:
    """Anomaly map: patch scores resized and smoothed over the picture.

    Args:
        patches: float32 of shape (rows, columns).
        side: Width and height that the backbone saw, in pixels.
        size: Width and height of the picture; None for (side, side).
        sigma: Deviation of the Gaussian that smooths it, in pixels of the square.

    Returns:
        float32 of shape (height, width).
    """
    cv2 = require("cv2")
    wide = cv2.resize(patches, (side, side), interpolation=cv2.INTER_LINEAR)
    smooth = cv2.GaussianBlur(wide, (0, 0), sigma)
    if size is not None and size != (side, side):
        smooth = cv2.resize(smooth, size, interpolation=cv2.INTER_LINEAR)
    found: NDArray[np.float32] = smooth
    return found
