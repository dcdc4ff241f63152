"""Looks of pictures: 16 x 16 shades of grey, by which copies that were scaled or saved anew are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from encoders.errors import EncoderError
from encoders.pictures import decoding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.base import Picture, Vectors

SIDE = 16
# Deviation of the shades, of 255, below which there is nothing to compare.
_FLAT = 1.0


def look_of(picture: Picture) -> Vectors | None:
    """The look of a picture, float32 of shape (256,), mean 0 and length 1; None without contrast.

    The inner product of two looks is the correlation of their shades: brightness and contrast do not count.
    """
    small = Image.fromarray(picture).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    shades = np.asarray(small, np.float32).ravel()
    shades = shades - shades.mean()
    if shades.std() < _FLAT:
        return None
    look: Vectors = shades / np.linalg.norm(shades)
    return look


def looks_of_files(files: Sequence[bytes]) -> list[Vectors | None]:
    """The looks of picture files; None also for one that cannot be read."""
    found: list[Vectors | None] = []
    for data in files:
        try:
            found.append(look_of(decoding.decode(data)))
        except EncoderError:
            found.append(None)
    return found
