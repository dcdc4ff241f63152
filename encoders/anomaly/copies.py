"""Detection of copies: the same picture as another file, or slightly changed.

A bank learns how normal pictures differ. Two copies, one in the bank and one held out, would tell it that
they do not differ at all.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from encoders.base import Picture

# Cells per side whose means are compared: over an area the noise of compression averages out, while
# surfaces, positions and the grain of a camera still differ.
_CELLS = 24
# Saving a picture with this quality makes a copy of it; coarser copies differ as normal pictures do.
_QUALITY = 75
# Other sizes and another order of rounding add a little to that.
_MARGIN = 1.2
# Grey levels: differences of means by rounding alone, and of brightness that still count as equal.
_ROUNDING = 0.1
_BRIGHTNESS = 4.0
# Pictures that are compared with all others at once.
_BLOCK = 512


class Signature(NamedTuple):
    """Features by which pictures are compared.

    Attributes:
        cells: Means of the cells less the mean of all, float32 of shape (cells x cells x 3,).
        brightness: The mean of all, in grey levels.
        noise: How far the cells are from those of the same picture compressed, in grey levels (RMS).
    """

    cells: NDArray[np.float32]
    brightness: float
    noise: float


def signature(picture: Picture) -> Signature:
    """Compute the signature of a picture of any size."""
    cells = _cells(picture)
    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, "jpeg", quality=_QUALITY)
    compressed = _cells(np.array(Image.open(encoded)))
    brightness = float(cells.mean())
    return Signature(cells - brightness, brightness, _rms(cells[np.newaxis], compressed)[0])


def first_copies(signatures: Iterable[Signature]) -> list[int]:
    """For each picture the number of the first that it copies, or its own number.

    A copy is no farther from the first than either is from itself saved as a JPEG of good quality.
    """
    kept: list[int] = []
    found: list[int] = []
    known: list[Signature] = []
    for at, one in enumerate(signatures):
        of = _same(one, known)
        found.append(at if of is None else kept[of])
        if of is None:
            kept.append(at)
            known.append(one)
    return found


def linked(signatures: Sequence[Signature]) -> Iterator[tuple[int, int]]:
    """Find all pairs of pictures that copy each other, by their numbers, the lower one first.

    By products of matrices, `_BLOCK` rows at a time: ten thousand pictures take seconds.
    """
    if not signatures:
        return
    cells = np.stack([one.cells for one in signatures]).astype(np.float64)
    squares = (cells**2).mean(axis=1)
    noise = np.array([one.noise for one in signatures])
    brightness = np.array([one.brightness for one in signatures])
    for start in range(0, len(cells), _BLOCK):
        rows = slice(start, start + _BLOCK)
        products = cells[rows] @ cells.T / cells.shape[1]
        apart = np.sqrt(np.maximum(squares[rows, np.newaxis] + squares - 2 * products, 0))
        allowed = _MARGIN * np.maximum(noise[rows, np.newaxis], noise) + _ROUNDING
        shifted = np.abs(brightness[rows, np.newaxis] - brightness)
        for one, other in np.argwhere((apart <= allowed) & (shifted <= _BRIGHTNESS)).tolist():
            if start + one < other:
                yield start + one, other


def merge_pieces(pieces: Sequence[str], first: Sequence[int]) -> list[str]:
    """Pieces of the pictures, with pieces that share a picture merged into one."""
    above = {piece: piece for piece in pieces}

    def top(piece: str) -> str:
        while above[piece] != piece:
            piece = above[piece]
        return piece

    for at, of in enumerate(first):
        one, other = sorted((top(pieces[at]), top(pieces[of])))
        above[other] = one
    return [top(piece) for piece in pieces]


def _same(one: Signature, known: Sequence[Signature]) -> int | None:
    """Index of the nearest picture that this one copies; None if there is none."""
    if not known:
        return None
    apart = _rms(np.stack([other.cells for other in known]), one.cells)
    noise = np.maximum(one.noise, [other.noise for other in known])
    shifted = np.abs(one.brightness - np.array([other.brightness for other in known]))
    near = (apart <= _MARGIN * noise + _ROUNDING) & (shifted <= _BRIGHTNESS)
    return int(np.where(near, apart, np.inf).argmin()) if near.any() else None


def _rms(many: NDArray[np.float32], one: NDArray[np.float32]) -> NDArray[np.float32]:
    """RMS difference of each row from one."""
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
