"""Joined detectors: each calibrated on normal pictures of other pieces, their scores summed softly.

A patch is as abnormal as it is far from the bank, against patches as near to an edge; lines and blobs as
they stand out, against the same place of normal pictures; a picture as its sides differ in texture, and
as it is like labelled defects.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoders.anomaly import marks
from encoders.anomaly.change import PICTURES, PIECES, TextureChange, change_distances, fit_change
from encoders.anomaly.labels import Head, LearnedHead, head_values

# Detectors that have a place on the map, those that every bank has.
PLACED: Final = ("patches", "lines", "blobs")
NAMES: Final = (*PLACED, "change", "labels")
# Rings of patches: the outermost, and those inside.
_PATCH_RINGS: Final = (1,)
# Grain that is so much stronger one way than the other has a direction, along which it is the same.
_DIRECTED: Final = 1.25
# Deviation of a filter's strongest answer (logarithm) before any picture is seen, and for how many it counts.
_PRIOR, _PRIOR_COUNT = 0.25, 3
# Least distance, in deviations, between the middle and the twentieth part of normal levels.
_LEAST_WIDTH = 0.5
_NOTHING = 1e-4


class Detectors(NamedTuple):
    """Statistics of normal pictures by detector.

    Attributes:
        rings: Mean and deviation of patch distances by ring, float32 of shape (2, rings).
        marks: Mean and deviation of the filters' strongest answers, (2, marks.KERNELS, rings).
        change: Of the two sides of a picture; without splits where normal pictures are too few.
        split: Mean and deviation of its distances, (2, splits).
        scale: Median of each detector's level, and from there to the 95 % quantile; (detectors, 2).
        head: LearnedHead from labelled defects; None without enough of them, or where it did not win.
    """

    rings: NDArray[np.float32]
    marks: NDArray[np.float32]
    change: TextureChange
    split: NDArray[np.float32]
    scale: NDArray[np.float32]
    head: Head | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the detectors there are, in the order of `scale`."""
        there = (*[True] * len(PLACED), len(self.change.axes) > 0, self.head is not None)
        return tuple(name for name, is_there in zip(NAMES, there, strict=True) if is_there)


class Look(NamedTuple):
    """Measurements of a picture that the detectors judge.

    Attributes:
        distances: Of its patches to the bank, float32 of shape (rows, columns).
        strongest: Of the filters, float32 of shape (marks.KERNELS, rings).
        coarse: Features in coarse cells, float32 of shape (cells, cells, channels).
    """

    distances: NDArray[np.float32]
    strongest: NDArray[np.float32]
    coarse: NDArray[np.float32]


def fit_joint(
    looks: Sequence[Look], pieces: Sequence[str], grain: float
) -> tuple[Detectors, NDArray[np.float32]]:
    """Calibrate the detectors.

    Args:
        looks: Of normal pictures, distances being to patches of other pieces.
        pieces: Of which piece each picture is; at least two.
        grain: Median of `encoders.anomaly.contrast.grain`.

    Returns:
        The detectors, and their levels of the pictures, each from pieces other than its own, float32 of
        shape (n, detectors).
    """
    where = [marks.rings(one.distances.shape, _PATCH_RINGS) for one in looks]
    distances = np.concatenate([one.distances.ravel() for one in looks])
    ring_of = np.concatenate([one.ravel() for one in where])
    rings = np.array(
        [_spread_of(distances[ring_of == ring]) for ring in range(len(_PATCH_RINGS) + 1)],
        dtype=np.float32,
    ).T
    patches = [patch_levels(rings, one.distances).max() for one in looks]
    strongest = np.stack([one.strongest for one in looks])
    answers = _left_out(strongest, pieces)
    levels = [np.array(patches), *_marks(answers)]
    change, split, own = _fit_change(looks, pieces, grain)
    if len(change.axes):
        levels.append(own)
    whole = np.stack(levels, axis=1).astype(np.float32)
    middle = np.median(whole, axis=0)
    width = np.maximum(np.quantile(whole, 0.95, axis=0) - middle, _LEAST_WIDTH)
    scale = np.stack([middle, width], axis=1).astype(np.float32)
    found = Detectors(rings, _statistics(strongest), change, split, scale)
    return found, (whole - middle) / width


def join_head(detectors: Detectors, learned: LearnedHead) -> Detectors:
    """Detectors with a head that was learned, at the end."""
    scale = np.concatenate([detectors.scale, np.array([learned.scale], np.float32)])
    return detectors._replace(scale=scale, head=learned.head)


def measures(detectors: Detectors, look: Look) -> NDArray[np.float32]:
    """Measures of a picture that a head sees, float32 of shape (dim,).

    Mean and maximum of the network's features, too, told magnetic tiles of unseen pieces less well.
    """
    mean, deviation = detectors.marks
    levels = patch_levels(detectors.rings, look.distances)
    marked = (look.strongest - mean) / deviation
    whole = [levels.max(), levels.mean(), *marked.ravel(), *_split_levels(detectors, look.coarse)]
    return np.array(whole, dtype=np.float32)


def parts(detectors: Detectors, look: Look) -> dict[str, float]:
    """Calibrated level of each detector: 0 as the middle of normal pictures, 1 as one in twenty passes."""
    mean, deviation = detectors.marks
    lines, blobs = _marks(((look.strongest - mean) / deviation)[np.newaxis])
    found = [patch_levels(detectors.rings, look.distances).max(), lines[0], blobs[0]]
    if len(detectors.change.axes):
        found.append(_split_levels(detectors, look.coarse).max())
    if detectors.head is not None:
        found.append(head_values(detectors.head, measures(detectors, look)))
    middle, width = detectors.scale.T
    levels = (np.array(found) - middle) / width
    return dict(zip(detectors.names, levels.tolist(), strict=True))


def patch_levels(rings: NDArray[np.float32], distances: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distances in deviations from those of normal patches of the same ring; of the shape given."""
    mean, deviation = rings
    where = marks.rings(distances.shape, _PATCH_RINGS)
    found: NDArray[np.float32] = (distances - mean[where]) / deviation[where]
    return found


def mark_levels(
    detectors: Detectors, answers: marks.FilterAnswers, side: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Levels of lines and of blobs on a square, calibrated; each float32 of shape (side, side)."""
    lines, blobs = (
        (found - middle) / width
        for found, (middle, width) in zip(
            marks.levels(answers, detectors.marks, side), detectors.scale[1:3], strict=True
        )
    )
    return lines, blobs


def _split_levels(detectors: Detectors, coarse: NDArray[np.float32]) -> NDArray[np.float32]:
    centre, spread = detectors.split
    found: NDArray[np.float32] = (change_distances(detectors.change, coarse) - centre) / spread
    return found


def packed(detectors: Detectors) -> bytes:
    """Detectors as a NumPy archive."""
    data = io.BytesIO()
    change = detectors.change
    head = {} if detectors.head is None else detectors.head._asdict()
    np.savez_compressed(
        data,
        rings=detectors.rings,
        marks=detectors.marks,
        split=detectors.split,
        scale=detectors.scale,
        **change._asdict(),
        **{f"head_{name}": value for name, value in head.items()},
    )
    return data.getvalue()


def unpacked(data: bytes) -> Detectors:
    """Detectors from `packed`; nothing in it is ever executed.

    Raises:
        ValueError: If it is no such archive.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as kept:
        change = TextureChange(*(kept[name] for name in TextureChange._fields))
        learned = "head_weights" in kept
        head = Head(*(kept[f"head_{name}"] for name in Head._fields)) if learned else None
        return Detectors(kept["rings"], kept["marks"], change, kept["split"], kept["scale"], head)


def _spread_of(values: NDArray[np.float32]) -> tuple[float, float]:
    if not len(values):  # a picture of so few patches that all are outermost
        return 0.0, 1.0
    return float(values.mean()), max(float(values.std()), _NOTHING)


def _marks(levels: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Levels of lines and of blobs, each of shape (n,), from those of all filters and rings."""
    n = len(levels)
    lines, blobs = levels[:, : marks.LINES], levels[:, marks.LINES :]
    return lines.reshape(n, -1).max(axis=1), blobs.reshape(n, -1).max(axis=1)


def _statistics(strongest: NDArray[np.float32]) -> NDArray[np.float32]:
    n = len(strongest)
    variance = (n * strongest.var(axis=0) + _PRIOR_COUNT * _PRIOR**2) / (n + _PRIOR_COUNT)
    return np.stack([strongest.mean(axis=0), np.sqrt(variance)]).astype(np.float32)


def _left_out(strongest: NDArray[np.float32], pieces: Sequence[str]) -> NDArray[np.float32]:
    """FilterAnswers in deviations from those of other pieces."""
    of, found = np.array(pieces), np.empty_like(strongest)
    for piece in set(pieces):
        own = of == piece
        mean, deviation = _statistics(strongest[~own])
        found[own] = (strongest[own] - mean) / deviation
    return found


def _fit_change(
    looks: Sequence[Look], pieces: Sequence[str], grain: float
) -> tuple[TextureChange, NDArray[np.float32], NDArray[np.float32]]:
    if len(looks) < PICTURES or len(set(pieces)) < PIECES:
        nothing = np.empty(0, np.int64)
        none = TextureChange(
            nothing, nothing, np.empty((0, 0), np.float32), np.empty((0, 0, 0), np.float32)
        )
        return none, np.empty((2, 0), np.float32), np.empty(0, np.float32)
    axes = [0] if grain > _DIRECTED else [1] if grain < 1 / _DIRECTED else [0, 1]
    change, distances = fit_change(np.stack([one.coarse for one in looks]), pieces, axes)
    centre, spread = distances.mean(axis=0), np.maximum(distances.std(axis=0), _NOTHING)
    split = np.stack([centre, spread]).astype(np.float32)
    return change, split, ((distances - centre) / spread).max(axis=1)
