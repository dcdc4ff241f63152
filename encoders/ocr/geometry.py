"""Geometry of lines: crops, corners and directions; channel order for OpenCV."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from encoders.base import Picture
from encoders.ocr.base import Polygon
from encoders.runtime.optional import require

# A box longer than this in one direction is a line in that direction; less may be a short word.
_CLEARLY = 1.6
# Radius in pixels, and how much of what it takes away is added.
_SOFT, _GAIN = 2.0, 0.8


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


def sharpened(image: Picture) -> Picture:
    """The same picture with its edges steepened, as if it were in focus."""
    cv2 = require("cv2")
    soft = cv2.GaussianBlur(image, (0, 0), _SOFT)
    sharp: Picture = cv2.addWeighted(image, 1 + _GAIN, soft, -_GAIN, 0)
    return sharp


def bgr(image: Picture) -> Picture:
    """The picture in the channel order of OpenCV."""
    return np.ascontiguousarray(image[:, :, ::-1])
