"""Regions of a picture that are abnormal: connected parts of the mask, outlined in its own pixels.

A strong defect raises the map far around itself, since patches are wide and smoothed: a place is marked
where it is above the threshold and above half of what is highest near by, the half height of a peak.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from encoders.runtime.optional import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# The most abnormal regions that are outlined; how many there are is told.
MOST: Final = 50
# Longest side that a map is drawn and outlined at, in pixels.
LONGEST: Final = 1024
# Both from the overlap with true masks of magnetic tiles: shares of 0 to .7, sides of .19 to .375.
_HALF: Final = 0.5
_NEAR: Final = 0.375
# Farthest that an outline may be from the mask's edge, in pixels of the drawn map.
_SIMPLER: Final = 1.0


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """A connected part of the mask, in pixels of the original picture.

    Attributes:
        box: Left, top, width, height.
        outline: Corners of a polygon around it, each x and y.
        area: Share of the picture, by the mask.
        peak: Highest value of the map in it, in multiples of the threshold of pixels; above 1.
        detector: The detector that is strongest there; None where the bank judges alone.
    """

    box: tuple[int, int, int, int]
    outline: list[tuple[int, int]]
    area: float
    peak: float
    detector: str | None = None


class Marked(NamedTuple):
    """Regions, the highest peak first; at most `MOST` of `total`."""

    regions: list[Region]
    total: int


def drawn_size(size: tuple[int, int]) -> tuple[int, int]:
    """Width and height that a picture of this width and height is drawn at."""
    scale = min(1.0, LONGEST / max(size))
    width, height = (max(1, round(one * scale)) for one in size)
    return width, height


def marked(level: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Mask of a map in multiples of the threshold of pixels, of the shape given."""
    cv2 = require("cv2")
    reach = [2 * round(_NEAR * side / 2) + 1 for side in level.shape]
    highest = cv2.dilate(level, np.ones(reach, np.uint8))
    found: NDArray[np.bool_] = (level > 1) & (level > _HALF * highest)
    return found


def find_regions(
    found: NDArray[np.float32],
    threshold: float,
    size: tuple[int, int],
    layers: NDArray[np.float32] | None = None,
    names: Sequence[str] = (),
) -> Marked:
    """Outline what is above the threshold.

    Args:
        found: Anomaly map, float32 of any height and width; it is stretched over the picture.
        threshold: Above it, a place is abnormal; positive.
        size: Width and height of the original picture.
        layers: What each detector gives to the map, (height, width, detectors); None without detectors.
        names: Their names.
    """
    cv2 = require("cv2")
    heat = cv2.resize(found, drawn_size(size), interpolation=cv2.INTER_LINEAR)
    level = heat / np.float32(threshold)
    count, label, stats, _ = cv2.connectedComponentsWithStats(
        marked(level).astype(np.uint8), connectivity=8
    )
    made = [_region(cv2, level, label, stats[number], number, size) for number in range(1, count)]
    made.sort(key=lambda one: (-one[0].peak, one[0].box))
    regions = [
        msgspec.structs.replace(region, detector=_strongest(layers, names, at, heat.shape))
        for region, at in made[:MOST]
    ]
    return Marked(regions, count - 1)


def _region(
    cv2: Any,
    level: NDArray[np.float32],
    label: NDArray[np.int32],
    stats: NDArray[np.int32],
    number: int,
    size: tuple[int, int],
) -> tuple[Region, tuple[int, int]]:
    """A region, and the row and column of its peak in the drawn map."""
    left, top, width, height, pixels = stats.tolist()
    own = label[top : top + height, left : left + width] == number
    inside = np.where(own, level[top : top + height, left : left + width], 0)
    row, column = divmod(int(inside.argmax()), width)
    lines, _ = cv2.findContours(own.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = cv2.approxPolyDP(lines[0], _SIMPLER, True)[:, 0]
    across, down = size[0] / level.shape[1], size[1] / level.shape[0]
    x, y = round(left * across), round(top * down)
    region = Region(
        box=(x, y, round((left + width) * across) - x, round((top + height) * down) - y),
        # The middle of a pixel, so that a region of one pixel is inside its box.
        outline=[
            (int((left + at[0] + 0.5) * across), int((top + at[1] + 0.5) * down)) for at in outline
        ],
        area=round(pixels / level.size, 6),
        peak=round(float(inside.max()), 3),
    )
    return region, (top + row, left + column)


def _strongest(
    layers: NDArray[np.float32] | None,
    names: Sequence[str],
    at: tuple[int, int],
    shape: tuple[int, ...],
) -> str | None:
    if layers is None:
        return None
    row, column = (
        min(one * to // of, to - 1) for one, of, to in zip(at, shape, layers.shape, strict=False)
    )
    return names[int(layers[row, column].argmax())]
