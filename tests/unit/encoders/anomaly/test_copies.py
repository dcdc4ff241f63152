"""Which pictures show the same."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw

from encoders.anomaly.copies import first_copies, merge_pieces, signature

if TYPE_CHECKING:
    from encoders.base import Picture


def plate(seed: int, side: int = 320) -> Picture:
    """A plate with grain and a hole, in the same place in every picture: only the grain differs."""
    noise = np.random.default_rng(seed).standard_normal((side, side, 1))
    grey = 150 + 8 * noise + 6 * np.sin(np.arange(side) / 5)[None, :, None]
    image = Image.fromarray(grey.repeat(3, 2).clip(0, 255).astype(np.uint8))
    hole = [side * 0.35, side * 0.35, side * 0.65, side * 0.65]
    ImageDraw.Draw(image).ellipse(hole, fill=(90, 90, 100))
    return np.array(image)


def saved(picture: Picture, kind: str, quality: int = 75) -> Picture:
    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, kind, quality=quality)
    return np.array(Image.open(encoded).convert("RGB"))


def pixel(picture: Picture) -> Picture:
    changed = picture.copy()
    changed[5, 5] = 255
    return changed


def lighter(picture: Picture) -> Picture:
    return (picture.astype(int) + 2).clip(0, 255).astype(np.uint8)


def larger(picture: Picture) -> Picture:
    return np.array(Image.fromarray(picture).resize((640, 640)))


@pytest.mark.parametrize(
    "copy",
    [
        plate(0),
        pixel(plate(0)),
        lighter(plate(0)),
        larger(plate(0)),
        *(saved(plate(0), "jpeg", quality) for quality in (75, 85, 95)),
        saved(plate(0), "webp", 90),
    ],
)
def test_a_copy_is_told_from_other_plates(copy: Picture) -> None:
    given = [plate(1), plate(0), plate(2), copy]
    assert first_copies(map(signature, given)) == [0, 1, 2, 1]


def test_plates_that_differ_by_their_grain_alone_are_different() -> None:
    assert first_copies(signature(plate(seed)) for seed in range(8)) == list(range(8))


def test_blank_pictures_are_one_whatever_their_size() -> None:
    sizes = [(320, 320), (40, 90), (1, 1)]
    blank = [np.full((*size, 3), 255, np.uint8) for size in sizes]
    assert first_copies(map(signature, [*blank, np.zeros((9, 9, 3), np.uint8)])) == [0, 0, 0, 3]


def test_of_several_the_nearest_is_meant() -> None:
    near = lighter(plate(0))
    given = [plate(0), saved(plate(3), "jpeg", 90), plate(3), near]
    assert first_copies(map(signature, given)) == [0, 1, 1, 0]


def test_pieces_with_a_picture_in_common_are_one() -> None:
    # The second picture of b is the first of a, the second of c the first of b.
    assert merge_pieces(["a", "b", "b", "c", "c", "d"], [0, 1, 0, 3, 1, 5]) == ["a"] * 5 + ["d"]
