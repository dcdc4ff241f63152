"""Matched filters for marks that are darker than what is around them: lines and blobs."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoders.runtime.optional import require

# Width and length of lines, sizes of blobs: standard deviations in pixels.
_LINES: Final = ((1.2, 6.0), (2.2, 9.0))
_DIRECTIONS: Final = 8
_BLOBS: Final = (1.5, 3.0, 6.0)
LINES: Final = len(_LINES) * _DIRECTIONS
KERNELS: Final = LINES + len(_BLOBS)
# Pixels from the edge up to which a place is of the first and of the second ring: edges are compared with
# edges.
RINGS: Final = (6, 18)
_NOTHING: Final = 1e-3


@cache
def _kernels() -> list[NDArray[np.float32]]:
    """Second derivatives of Gaussians, without mean and of unit energy; positive where it is dark."""
    made = []
    for width, length in _LINES:
        y, x = _grid(int(2.5 * length))
        for number in range(_DIRECTIONS):
            angle = np.pi * number / _DIRECTIONS
            along = x * np.cos(angle) + y * np.sin(angle)
            across = (y * np.cos(angle) - x * np.sin(angle)) ** 2 / width**2
            made.append((across - 1) * np.exp(-across / 2 - along**2 / 2 / length**2))
    for size in _BLOBS:
        y, x = _grid(int(4 * size))
        square = (x**2 + y**2) / size**2
        made.append((square / 2 - 1) * np.exp(-square / 2))
    return [_unit(one) for one in made]


def _grid(radius: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float64)
    return y, x


def _unit(kernel: NDArray[np.float64]) -> NDArray[np.float32]:
    centred = kernel - kernel.mean()
    found: NDArray[np.float32] = (centred / np.sqrt((centred**2).sum())).astype(np.float32)
    return found


def rings(shape: tuple[int, int], limits: tuple[int, ...]) -> NDArray[np.int64]:
    """Ring that each place is of, by its distance to the nearest edge; 0 is outermost.

    Args:
        shape: Rows and columns.
        limits: Distances at which the next ring begins.

    Returns:
        int64 of that shape, 0 to len(limits).
    """
    rows, columns = (np.minimum(np.arange(n), np.arange(n)[::-1]) for n in shape)
    edge = np.minimum(rows[:, np.newaxis], columns[np.newaxis, :])
    found: NDArray[np.int64] = np.searchsorted(np.array(limits), edge, side="right")
    return found


class FilterAnswers(NamedTuple):
    """Responses of the filters to a picture.

    Attributes:
        places: Of each place, positive; float32 of shape (KERNELS, height, width).
        unit: What answers are measured by in each ring, (KERNELS, rings): for lines their deviation in the
            picture, since the grain of a surface is its norm; for blobs 1.
        strongest: Logarithm of the strongest of each ring in these units, (KERNELS, rings).
    """

    places: NDArray[np.float32]
    unit: NDArray[np.float32]
    strongest: NDArray[np.float32]


def responses(contrast: NDArray[np.float32]) -> FilterAnswers:
    """Filter a picture.

    Args:
        contrast: As `encoders.anomaly.contrast.local_contrast` gives it, (height, width).
    """
    cv2 = require("cv2")
    where = rings(contrast.shape, RINGS)
    inside = [where == ring for ring in range(len(RINGS) + 1)]
    places = np.empty((KERNELS, *contrast.shape), dtype=np.float32)
    unit = np.ones((KERNELS, len(inside)), dtype=np.float32)
    strongest = np.full_like(unit, np.log(_NOTHING))
    for number, kernel in enumerate(_kernels()):
        answer = cv2.filter2D(contrast, -1, kernel, borderType=cv2.BORDER_REFLECT)
        places[number] = np.maximum(answer, _NOTHING)
        for ring, mask in enumerate(inside):
            own = answer[mask]
            if not len(own):  # a picture so small that all is near its edges
                continue
            if number < LINES:
                unit[number, ring] = max(float(own.std()), _NOTHING)
            strongest[number, ring] = np.log(max(float(own.max()), _NOTHING) / unit[number, ring])
    return FilterAnswers(places, unit, strongest)


def reduced(answers: FilterAnswers, side: int) -> NDArray[np.float32]:
    """Logarithms of the answers in their units, on a square; the strongest near each place.

    Returns:
        float32 of shape (KERNELS, side, side).
    """
    cv2 = require("cv2")
    height, width = answers.places.shape[1:]
    where = _reduced_rings((height, width), side)
    near = np.ones((1 + 2 * -(-height // (2 * side)), 1 + 2 * -(-width // (2 * side))), np.uint8)
    found = np.empty((KERNELS, side, side), dtype=np.float32)
    for number, place in enumerate(answers.places):
        wide = cv2.resize(cv2.dilate(place, near), (side, side), interpolation=cv2.INTER_NEAREST)
        found[number] = np.log(wide / answers.unit[number][where])
    return found


def _reduced_rings(shape: tuple[int, int], side: int) -> NDArray[np.int64]:
    cv2 = require("cv2")
    whole = rings(shape, RINGS).astype(np.uint8)
    small: NDArray[np.int64] = cv2.resize(
        whole, (side, side), interpolation=cv2.INTER_NEAREST
    ).astype(np.int64)
    return small


def levels(
    answers: FilterAnswers, statistics: NDArray[np.float32], side: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Strongest answer of lines and of blobs at each place of a square, in deviations of normal pictures.

    Args:
        answers: Of a picture.
        statistics: Mean and deviation of normal pictures, (2, KERNELS, rings).
        side: Width and height of the square.

    Returns:
        Both float32 of shape (side, side).
    """
    where = _reduced_rings(answers.places.shape[1:], side)
    mean, deviation = statistics
    lines = np.full((side, side), -np.inf, dtype=np.float32)
    blobs = lines.copy()
    for number, one in enumerate(reduced(answers, side)):
        level = (one - mean[number][where]) / deviation[number][where]
        best = lines if number < LINES else blobs
        np.maximum(best, level, out=best)
    return lines, blobs
