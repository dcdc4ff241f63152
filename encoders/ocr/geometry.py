"""Geometry of lines: crops, corners and directions; channel order for OpenCV."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from encoders.base import Picture
from encoders.ocr.base import Polygon
from encoders.runtime.optional import require

# A box longer than this in one direction is a line in that direction; less may be a short word.
_CLEARLY = 1.6
# Radius in pixels, and how much of what it takes away is added.
_SOFT, _GAIN = 2.0, 0.8
# Letters one below the other: a letter is at most this high and is set this far from the next, in widths
# of the column. Strokes of one syllable have gaps too; two digits are together higher than that.
_LETTER, _APART = 1.15, 0.12
# Of the contrast of a line: what differs less from its ground is no stroke.
_FAINT = 0.25


def side_lengths(polygon: Polygon) -> tuple[float, float]:
    """Length along and across the text, in pixels: the longer of each pair of opposite sides."""
    sides = np.linalg.norm(polygon - np.roll(polygon, -1, axis=0), axis=1)
    return float(max(sides[0], sides[2])), float(max(sides[1], sides[3]))


def sideways(polygons: Sequence[Polygon]) -> list[bool]:
    """Whether lines, given from their top-left corner, run down or up in the picture.

    A box that is about as high as wide goes with most of the writing in the picture.
    """
    sides = [side_lengths(polygon) for polygon in polygons]
    clear = [(a, b) for a, b in sides if max(a, b) > _CLEARLY * min(a, b)]
    mostly = sum(b for a, b in clear if b > a) > sum(a for a, b in clear if a > b)
    return [b > a if max(a, b) > _CLEARLY * min(a, b) else mostly for a, b in sides]


def rotated(polygon: Polygon, quarters: int) -> Polygon:
    """The same corners beginning that many corners later, clockwise."""
    return np.ascontiguousarray(np.roll(polygon, -quarters, axis=0))


def around(points: NDArray[np.float32]) -> Polygon:
    """The smallest rectangle around points, shape (n, 2), beginning at its top left in the picture."""
    corners: Polygon = require("cv2").boxPoints(require("cv2").minAreaRect(points))
    left, right = np.split(corners[np.argsort(corners[:, 0], kind="stable")], 2)
    (first, last), (second, third) = (side[np.argsort(side[:, 1])] for side in (left, right))
    return np.stack([first, second, third, last])


def runs_down(polygon: Polygon) -> bool:
    """Whether a line is much higher than wide in the picture, wherever it begins."""
    width, height = np.ptp(polygon, axis=0)
    return bool(height > _CLEARLY * width)


def upright(polygon: Polygon) -> Polygon:
    """The same corners beginning with the one nearest to the picture's top left."""
    return rotated(polygon, int(np.argmin(polygon.sum(axis=1))))


def inside(polygon: Polygon, width: int, height: int) -> Polygon:
    """Move corners that stick out to the picture's edge."""
    return np.clip(polygon, 0, np.array([width, height], np.float32)).astype(np.float32)


def rectangle(left: float, top: float, right: float, bottom: float) -> Polygon:
    """An upright box as a polygon."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def crop(image: Picture, polygon: Polygon) -> Picture:
    """Cut a line out, upright: its first corner becomes the top left.

    Returns:
        uint8 of shape (height, width, 3), as large as the line is in the picture, at least 1 x 1.
    """
    cv2 = require("cv2")
    along, across = (max(1, round(length)) for length in side_lengths(polygon))
    corners = rectangle(0, 0, along, across)
    # Corners lie between pixels, while OpenCV counts from the middle of the first one.
    matrix = cv2.getPerspectiveTransform(polygon.astype(np.float32) - 0.5, corners - 0.5)
    cut: Picture = cv2.warpPerspective(
        image, matrix, (along, across), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC
    )
    return cut


def ways(image: Picture, polygon: Polygon) -> list[tuple[Polygon, Picture]]:
    """Pictures of a line to be read, each with the line's corners as it is read there.

    The line itself; one that runs up or down also as letters that stand one below the other.
    """
    found = [(polygon, crop(image, polygon))]
    if runs_down(polygon):
        standing = upright(polygon)
        found.append((standing, in_a_row(crop(image, standing))))
    return found


def in_a_row(column: Picture) -> Picture:
    """Letters that stand one below the other, set side by side as in a line that is read from the left.

    Args:
        column: An upright picture of one column of letters.

    Returns:
        uint8 of shape (height, width, 3) on the ground of the column; the column itself if it is one
        letter, or empty.
    """
    ground = np.median(np.concatenate([column[:, 0], column[:, -1]]), axis=0)
    far = np.abs(column.astype(np.float32) - ground).max(axis=2)
    ink = far > _FAINT * max(float(far.max()), 1.0)
    letters = _letters(ink)
    if len(letters) < 2:
        return column
    gap = max(1, round(_APART * column.shape[1]))
    side = max(below - above for above, below in letters)
    row = np.empty((side, len(letters) * (column.shape[1] + gap), 3), np.uint8)
    row[:] = ground.astype(np.uint8)
    at = gap // 2
    for above, below in letters:
        columns = np.flatnonzero(ink[above:below].any(axis=0))
        letter = column[above:below, columns[0] : columns[-1] + 1]
        top = (side - len(letter)) // 2
        row[top : top + len(letter), at : at + letter.shape[1]] = letter
        at += letter.shape[1] + gap
    return np.ascontiguousarray(row[:, :at])


def _letters(ink: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last row of each letter of a column, the last one not included."""
    there = np.concatenate([[False], ink.any(axis=1), [False]])
    edges = np.flatnonzero(np.diff(there.astype(np.int8))).reshape(-1, 2)
    wide = np.flatnonzero(ink.any(axis=0))
    most = _LETTER * (wide[-1] + 1 - wide[0]) if len(wide) else 0.0
    letters: list[tuple[int, int]] = []
    for above, below in edges.tolist():
        if letters and below - letters[-1][0] <= most:
            letters[-1] = (letters[-1][0], below)
        else:
            letters.append((above, below))
    return letters


def sharpened(image: Picture) -> Picture:
    """The same picture with its edges steepened, as if it were in focus."""
    cv2 = require("cv2")
    soft = cv2.GaussianBlur(image, (0, 0), _SOFT)
    sharp: Picture = cv2.addWeighted(image, 1 + _GAIN, soft, -_GAIN, 0)
    return sharp


def bgr(image: Picture) -> Picture:
    """The picture in the channel order of OpenCV."""
    return np.ascontiguousarray(image[:, :, ::-1])
