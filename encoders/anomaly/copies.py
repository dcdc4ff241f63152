"""Pictures that show nothing new: the same again, as another file or a little changed.

What a bank learns from is how normal pictures differ. Two copies, one in the bank and one held out, would
say that they do not differ at all.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from encoders.base import Picture

# Pictures are compared by the means of so many cells a side: over an area, the noise of compression evens
# out, while surfaces, positions and the grain of a camera still differ.
_CELLS = 24
# Saving a picture with this quality makes a copy of it; coarser copies differ as normal pictures do.
_QUALITY = 75
# Other sizes and another order of rounding add a little to that.
_MARGIN = 1.2
# Grey levels: by so much means differ from rounding alone, and lighting from nothing.
_ROUNDING = 0.1
_BRIGHTNESS = 4.0


class Look(NamedTuple):
    """What a picture is compared by.

    Attributes:
        cells: Means of the cells less the mean of all, float32 of shape (cells x cells x 3,).
        brightness: The mean of all, in grey levels.
        noise: How far the cells are from those of the same picture compressed, in grey levels (RMS).
    """

    cells: NDArray[np.float32]
    brightness: float
    noise: float


def look(picture: Picture) -> Look:
    """What a picture is compared by, whatever its size."""
    cells = _cells(picture)
    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, "jpeg", quality=_QUALITY)
    compressed = _cells(np.array(Image.open(encoded)))
    brightness = float(cells.mean())
    return Look(cells - brightness, brightness, _apart(cells[np.newaxis], compressed)[0])


def firsts(looks: Iterable[Look]) -> list[int]:
    """Number of the first picture that each is a copy of; its own number where it is none.

    A copy is no farther from the first than either is from itself saved as a JPEG of good quality.
    """
    kept: list[int] = []
    found: list[int] = []
    known: list[Look] = []
    for at, one in enumerate(looks):
        of = _same(one, known)
        found.append(at if of is None else kept[of])
        if of is None:
            kept.append(at)
            known.append(one)
    return found


def merged(pieces: Sequence[str], first: Sequence[int]) -> list[str]:
    """The pieces that pictures are of, where pieces with a picture in common are one."""
    above = {piece: piece for piece in pieces}

    def top(piece: str) -> str:
        while above[piece] != piece:
            piece = above[piece]
        return piece

    for at, of in enumerate(first):
        one, other = sorted((top(pieces[at]), top(pieces[of])))
        above[other] = one
    return [top(piece) for piece in pieces]


def _same(one: Look, known: Sequence[Look]) -> int | None:
    """Place of the nearest picture that this is a copy of."""
    if not known:
        return None
    apart = _apart(np.stack([other.cells for other in known]), one.cells)
    noise = np.maximum(one.noise, [other.noise for other in known])
    shifted = np.abs(one.brightness - np.array([other.brightness for other in known]))
    near = (apart <= _MARGIN * noise + _ROUNDING) & (shifted <= _BRIGHTNESS)
    return int(np.where(near, apart, np.inf).argmin()) if near.any() else None


def _apart(many: NDArray[np.float32], one: NDArray[np.float32]) -> NDArray[np.float32]:
    """RMS difference of each of many from one."""
    found: NDArray[np.float32] = np.sqrt(np.mean((many - one) ** 2, axis=1))
    return found


def _cells(picture: Picture) -> NDArray[np.float32]:
    # As floats: a mean rounded to a grey level would hide what grain is left.
    bands = [
        np.asarray(
            Image.fromarray(picture[:, :, band].astype(np.float32)).resize(
                (_CELLS, _CELLS), Image.Resampling.BOX
            )
        ).ravel()
        for band in range(3)
    ]
    return np.concatenate(bands)
