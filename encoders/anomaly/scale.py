"""Colours of anomaly maps, fixed by calibration: the same colour is the same level in every picture.

Levels are multiples of the threshold of pixels, above which few pixels of normal pictures are
(`encoders.anomaly.calibration`); a picture is never stretched over the colours by itself.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from encoders.base import Picture
from encoders.runtime.optional import require

# Place of the threshold among the colours (of 0 to 1): below it they are cool.
_AT_THRESHOLD: Final = 0.4
# Multiple of the threshold from which on all is of the hottest colour.
_HOTTEST: Final = 2.0
_LEVELS: Final = 256
_STOPS: Final = 16


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """Scale of a heatmap, for a legend.

    Attributes:
        threshold: Value of the map above which a place is abnormal: the line between cool and hot.
        high: Value from which on all is of the hottest colour; the coolest is of 0.
        stops: Values from 0 to `high` with their colours, `#rrggbb`; between two stops colours are mixed.
    """

    threshold: float
    high: float
    stops: list[tuple[float, str]]


def scale_of(pixel_threshold: float) -> Scale:
    """Scale of the maps of a bank; the threshold must be positive."""
    high = _HOTTEST * pixel_threshold
    values = np.unique([*np.linspace(0, high, _STOPS + 1), pixel_threshold])
    colours = paint(values[np.newaxis].astype(np.float32), pixel_threshold)[0]
    return Scale(
        threshold=pixel_threshold,
        high=high,
        stops=[
            (round(float(value), 5), "#" + bytes(colour.tolist()).hex())
            for value, colour in zip(values, colours, strict=True)
        ],
    )


def paint(found: NDArray[np.float32], pixel_threshold: float) -> Picture:
    """Paint a map.

    Args:
        found: Anomaly map, float32 of shape (height, width).
        pixel_threshold: Above it, a place is abnormal; positive.

    Returns:
        uint8 of shape (height, width, 3), RGB.
    """
    share = np.interp(
        found, (0, pixel_threshold, _HOTTEST * pixel_threshold), (0, _AT_THRESHOLD, 1)
    )
    painted: Picture = _colours()[np.rint(share * (_LEVELS - 1)).astype(np.uint8)]
    return painted


@cache
def _colours() -> Picture:
    """Turbo from blue to red, uint8 of shape (levels, 3), RGB.

    A. Mikhailov: Turbo, an improved rainbow colormap for visualization, 2019.
    """
    cv2 = require("cv2")
    levels = np.arange(_LEVELS, dtype=np.uint8)[np.newaxis]
    made: Picture = cv2.applyColorMap(levels, cv2.COLORMAP_TURBO)[0, :, ::-1]
    return made
