"""Pixel formats: bits in use, which end is white, transparency.

Pillow keeps 16-bit greys as they are and drops what the container says of them; of 16-bit colours it keeps
the upper halves.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Cameras and scanners write 10, 12 or 14 bits into files of 16.
_DEPTHS = (8, 10, 12, 14, 16)
_BITS_PER_SAMPLE, _PHOTOMETRIC, _MAX_SAMPLE = 258, 262, 281
_WHITE_IS_ZERO = 0
# Of the upper halves of 16-bit colours: at most so much is left of 12 bits.
_LOW = 15
# How Pillow raises greys of few bits to 8, by what it calls their rows.
_RAISED = {"L;2": 85, "L;4": 17}


class PixelFormat(NamedTuple):
    """Pixel format as its container states it.

    Attributes:
        bits: Of a grey of more than 8 bits; 0 where it does not say less than 16.
        deep: Whether colours, or a grey beside transparency, have 16 bits.
        inverted: Whether 0 is white, and Pillow leaves it so.
        raised: What the number of a transparent grey is multiplied by, as Pillow does with the greys.
    """

    bits: int
    deep: bool
    inverted: bool
    raised: int


def head(image: Image.Image) -> PixelFormat:
    """Read the pixel format; before the picture is loaded, for then Pillow drops it."""
    tags: Any = getattr(image, "tag_v2", {})
    deep_grey = image.mode.startswith("I;16")
    raw = [str(tile[3]) for tile in getattr(image, "tile", ())]
    return PixelFormat(
        bits=_stated_bits(tags) if deep_grey else 0,
        deep=not image.mode.startswith("I") and any(";16" in one for one in raw),
        inverted=deep_grey and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO,
        raised=_RAISED.get(raw[0], 1) if raw else 1,
    )


def of_loaded(image: Image.Image, format: PixelFormat) -> PixelFormat:
    """The format with the bits in use, from all pixels.

    Raises:
        ValueError: If its colours have 16 bits of which only the lowest are used: those are gone.
    """
    if image.mode.startswith("I;16"):
        used = int(np.asarray(image).max()).bit_length()
        return format._replace(
            bits=max(format.bits, next(bits for bits in _DEPTHS if bits >= used))
        )
    if format.deep and image.mode in ("RGB", "RGBA", "LA"):
        bands: Any = image.getextrema()
        if max(most for _, most in bands[: 1 if image.mode == "LA" else 3]) <= _LOW:
            raise ValueError("its 16-bit colours use the lowest bits only; save it with 8 bits.")
    return format


def eight_bits(image: Image.Image, format: PixelFormat) -> Image.Image:
    """A loaded picture, or a part of it, with 8 bits a channel; transparency is kept."""
    transparent = image.info.get("transparency")
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint16)
        shown = Image.fromarray(_shifted(values, format))
        if isinstance(transparent, int):
            alpha = np.where(values == transparent, 0, 255).astype(np.uint8)
            shown.putalpha(Image.fromarray(alpha))
        return shown
    if isinstance(transparent, int) and image.mode == "L":
        image.info["transparency"] = transparent * format.raised
    elif isinstance(transparent, tuple) and format.deep:
        image.info["transparency"] = tuple(value >> 8 for value in transparent)
    return image


def _shifted(values: NDArray[np.uint16], format: PixelFormat) -> NDArray[np.uint8]:
    # Pillow would cut off at 255 what it should divide.
    if format.inverted:
        values = np.uint16(2**format.bits - 1) - values
    return (values >> (format.bits - 8)).astype(np.uint8)


def _stated_bits(tags: Any) -> int:
    """Bits of a sample, by its tag or by the tag of the largest value."""
    bits = tags.get(_BITS_PER_SAMPLE, (16,))[0]
    most = tags.get(_MAX_SAMPLE, 0)
    top = most if isinstance(most, int) else most[0]
    stated = min(bits, top.bit_length() or bits)
    return stated if 8 <= stated < 16 else 0
