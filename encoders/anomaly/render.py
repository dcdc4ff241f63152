"""Rendering of anomaly maps as PNG files."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoders.anomaly.regions import LONGEST, drawn_size, marked
from encoders.anomaly.scale import paint
from encoders.base import Picture
from encoders.pictures.decoding import resized
from encoders.runtime.optional import require

_OPACITY = 0.5
_GAP = 8
_OUTLINE = (255, 255, 255)


class Drawn(NamedTuple):
    """PNG files, all of one size but `compared`, which is three side by side.

    Attributes:
        picture: The picture, scaled down where it is large.
        heatmap: How abnormal each place is, in the colours of `encoders.anomaly.scale`.
        mask: White where it is marked, see `encoders.anomaly.regions`.
        overlay: The heatmap over the picture, the mask outlined.
        compared: Picture, overlay, and the nearest normal picture where there is one.
    """

    picture: bytes
    heatmap: bytes
    mask: bytes
    overlay: bytes
    compared: bytes


def draw(
    picture: Picture,
    anomaly: NDArray[np.float32],
    pixel_threshold: float,
    normal: Picture | None = None,
) -> Drawn:
    """Draw an anomaly map.

    Args:
        picture: uint8 of shape (height, width, 3), RGB.
        anomaly: float32 of any height and width; it is stretched over the picture.
        pixel_threshold: Above it, a place is abnormal; positive.
        normal: The nearest normal picture, of any size.
    """
    cv2 = require("cv2")
    shown = _shrunk(picture)
    height, width = shown.shape[:2]
    heat = cv2.resize(anomaly, (width, height), interpolation=cv2.INTER_LINEAR)
    colours = paint(heat, pixel_threshold)
    mask = np.where(marked(heat / np.float32(pixel_threshold)), np.uint8(255), np.uint8(0))
    over = _over(cv2, shown, colours, mask)
    sides = [shown, over] if normal is None else [shown, over, normal]
    return Drawn(
        picture=_png(cv2, shown),
        heatmap=_png(cv2, colours),
        mask=_png(cv2, mask),
        overlay=_png(cv2, over),
        compared=_png(cv2, _beside(sides, height)),
    )


def plain(picture: Picture) -> bytes:
    """The picture alone, as `Drawn.picture` has it."""
    return _png(require("cv2"), _shrunk(picture))


def _shrunk(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    size = drawn_size((width, height))
    return picture if size == (width, height) else resized(picture, *size)


def _over(cv2: Any, shown: Picture, colours: Picture, mask: NDArray[np.uint8]) -> Picture:
    blended: Picture = cv2.addWeighted(colours, _OPACITY, shown, 1 - _OPACITY, 0)
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(blended, found, -1, _OUTLINE, max(1, max(shown.shape) // 256))
    return blended


def _beside(pictures: list[Picture], height: int) -> Picture:
    """Pictures side by side at one height, with white gaps."""
    gap = np.full((height, _GAP, 3), 255, dtype=np.uint8)
    parts = []
    for picture in pictures:
        width = max(1, round(picture.shape[1] * height / picture.shape[0]))
        parts += [resized(picture, min(width, 4 * LONGEST), height), gap]
    return np.concatenate(parts[:-1], axis=1)


def _png(cv2: Any, pixels: NDArray[np.uint8]) -> bytes:
    turned = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".png", turned)
    if not done:
        raise ValueError(f"a picture of shape {pixels.shape} could not be written as PNG")
    return bytes(data)
