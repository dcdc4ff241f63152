"""Change of texture along a picture: coarse features of its two sides, by Mahalanobis distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Coarse cells per side of a picture.
CELLS = 4
_DIMENSIONS = 30
_FOLDS = 5
# Of fewer pictures and pieces a covariance says nothing.
PICTURES, PIECES = 10, 5


class TextureChange(NamedTuple):
    """Differences between the two sides of normal pictures, at each place where they may be parted.

    Attributes:
        axes: 0 to part it into above and below, 1 into left and right; int64 of shape (splits,).
        after: Cells before the parting, int64 of shape (splits,).
        centre: Mean difference, float32 of shape (splits, channels).
        whitening: Projection in which normal differences have unit covariance, float32 of shape
            (splits, channels, dimensions).
    """

    axes: NDArray[np.int64]
    after: NDArray[np.int64]
    centre: NDArray[np.float32]
    whitening: NDArray[np.float32]


def fit_change(
    coarse: NDArray[np.float32], pieces: Sequence[str], axes: Sequence[int]
) -> tuple[TextureChange, NDArray[np.float32]]:
    """Learn from normal pictures how much their two sides differ.

    Args:
        coarse: float32 of shape (n, CELLS, CELLS, channels), of at least PICTURES of PIECES pieces.
        pieces: Of which piece each is.
        axes: Along which pictures are parted.

    Returns:
        The model, and the distances of the pictures themselves when their pieces are left out, by fifths;
        float32 of shape (n, splits).
    """
    names = sorted(set(pieces))
    fold = np.array([names.index(piece) % _FOLDS for piece in pieces])
    splits = [(axis, after) for axis in axes for after in range(1, CELLS)]
    dimensions = min(_DIMENSIONS, min(int((fold != one).sum()) for one in set(fold)) - 1)
    centres, projections, distances = [], [], []
    for axis, after in splits:
        given = _differences(coarse, axis, after)
        centre, projection = _whitened(given, dimensions)
        centres.append(centre)
        projections.append(projection)
        own = np.empty(len(given), dtype=np.float32)
        for one in set(fold.tolist()):
            away = _whitened(given[fold != one], dimensions)
            own[fold == one] = _distances(given[fold == one], *away)
        distances.append(own)
    at, after_ = np.array(splits, dtype=np.int64).T
    return TextureChange(at, after_, np.stack(centres), np.stack(projections)), np.stack(
        distances, axis=1
    )


def change_distances(change: TextureChange, coarse: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distances of a picture's differences, float32 of shape (splits,).

    Args:
        change: The model.
        coarse: float32 of shape (CELLS, CELLS, channels).
    """
    found = [
        _distances(_differences(coarse[np.newaxis], axis, after), centre, projection)[0]
        for axis, after, centre, projection in zip(*change, strict=True)
    ]
    return np.array(found, dtype=np.float32)


def _differences(coarse: NDArray[np.float32], axis: int, after: int) -> NDArray[np.float32]:
    lines = coarse.mean(axis=2 - axis)
    found: NDArray[np.float32] = lines[:, :after].mean(axis=1) - lines[:, after:].mean(axis=1)
    return found


def _distances(
    given: NDArray[np.float32], centre: NDArray[np.float32], projection: NDArray[np.float32]
) -> NDArray[np.float32]:
    found: NDArray[np.float32] = np.linalg.norm((given - centre) @ projection, axis=1)
    return found


def _whitened(
    given: NDArray[np.float32], dimensions: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and whitening of the first principal components, the spectrum shrunk.

    O. Ledoit, M. Wolf: A well-conditioned estimator for large-dimensional covariance matrices, 2004.
    """
    centre = given.mean(axis=0)
    around = (given - centre).astype(np.float64)
    _, singular, components = np.linalg.svd(around, full_matrices=False)
    basis = components[:dimensions]
    points = around @ basis.T
    n, dim = points.shape
    spectrum = singular[:dimensions] ** 2 / n
    mean = spectrum.mean()
    wide = ((spectrum - mean) ** 2).sum() / dim
    squared = (points**2).sum(axis=1)
    inner = (points**2 * spectrum).sum(axis=1)
    noise = (squared**2 - 2 * inner + (spectrum**2).sum()).sum() / n**2 / dim
    share = min(noise, wide) / wide if wide > 0 else 1.0
    shrunk = np.maximum(share * mean + (1 - share) * spectrum, 1e-12)
    return centre, (basis.T / np.sqrt(shrunk)).astype(np.float32)
