from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from encoders.pictures import decoding
from encoders.pictures.decoding import (
    Limits,
    PictureInvalid,
    decode,
    resized,
    thumbnail,
)

if TYPE_CHECKING:
    from encoders.base import Picture

# How to store exactly, or as nearly as the format can.
EXACT: dict[str, dict[str, Any]] = {
    "PNG": {},
    "WEBP": {"lossless": True},
    "TIFF": {},
    "BMP": {},
    "JPEG": {"quality": 100, "subsampling": 0},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
}
# What a camera stores for each EXIF orientation, given how the scene looks upright.
STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}


def blocks(seed: int = 0) -> Picture:
    """Random colours in blocks, so that lossy formats keep them nearly."""
    colours = np.random.default_rng(seed).integers(0, 256, (4, 3, 3), dtype=np.uint8)
    return np.kron(colours, np.ones((16, 16, 1), np.uint8))


def encoded(image: Image.Image | np.ndarray, format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(np.asarray(image))
    picture.save(file, format, **options)
    return file.getvalue()


def refused(data: bytes, limits: Limits = decoding.DEFAULT_LIMITS) -> str:
    with pytest.raises(PictureInvalid) as info:
        decode(data, limits)
    assert str(info.value).startswith(f"The picture cannot be used. {info.value.reason}: ")
    return info.value.reason


@pytest.mark.parametrize("format", EXACT)
def test_every_format_is_decoded(format: str) -> None:
    picture = decode(encoded(blocks(), format, **EXACT[format]))
    assert (picture.dtype, picture.shape) == (np.uint8, (64, 48, 3))
    assert picture.flags.writeable
    error = np.abs(picture.astype(int) - blocks())
    assert error.mean() < (2 if format in ("JPEG", "AVIF") else 1e-9)


@pytest.mark.parametrize("format", [name for name in EXACT if name != "BMP"])
@pytest.mark.parametrize("orientation", STORED)
def test_pictures_come_upright(format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(STORED[orientation](blocks()))
    picture = decode(encoded(stored, format, exif=exif, **EXACT[format]))
    assert picture.shape == (64, 48, 3)
    assert np.abs(picture.astype(int) - blocks()).mean() < 2


@pytest.mark.filterwarnings("ignore:::PIL")
def test_a_damaged_exif_block_does_not_cost_the_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encoded(blocks(), "JPEG", exif=exif)
    start = whole.index(b"Exif\0\0") + 6
    for offset in range(26):
        broken = bytearray(whole)
        broken[start + offset] ^= 0xFF
        assert decode(bytes(broken)).size == blocks().size


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_are_white(mode: str) -> None:
    rng = np.random.default_rng(1)
    layers = rng.integers(0, 256, (8, 8, len(mode)), dtype=np.uint8)
    share = layers[..., -1:].astype(float) / 255
    expected = layers[..., :-1] * share + 255 * (1 - share)
    picture = decode(encoded(Image.fromarray(layers, mode), "PNG"))
    assert np.abs(picture - expected).max() <= 1


def test_a_transparent_colour_of_a_palette_is_white() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    for format in ("PNG", "GIF"):
        picture = decode(encoded(image, format, transparency=0))
        assert picture.tolist() == [[[255, 255, 255], [40, 50, 60]]]
        picture = decode(encoded(image, format))
        assert picture.tolist() == [[[10, 20, 30], [40, 50, 60]]]


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_upper_half(format: str) -> None:
    values = np.array([[0, 255, 256, 0x1234, 0xFFFF]], np.uint16)
    picture = decode(encoded(values, format))
    assert picture[0].tolist() == [[v >> 8] * 3 for v in values[0].tolist()]


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_printing_colours_become_screen_colours(format: str) -> None:
    red = decode(encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), format))
    assert np.abs(red.astype(int) - [255, 0, 0]).max() < 5


def test_black_and_white_and_grey() -> None:
    assert decode(encoded(Image.new("1", (3, 2), 1), "PNG")).tolist() == [[[255] * 3] * 3] * 2
    assert decode(encoded(Image.new("L", (1, 1), 77), "JPEG")).tolist() == [[[77] * 3]]


@pytest.mark.parametrize("format", ["GIF", "WEBP", "TIFF", "PNG"])
def test_of_several_frames_the_first_is_taken(format: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if format == "WEBP" else {}
    data = encoded(frames[0], format, save_all=True, append_images=frames[1:], **options)
    assert sum(1 for _ in ImageSequence.Iterator(Image.open(io.BytesIO(data)))) == 2
    assert (decode(data) == [255, 0, 0]).all()


def test_what_is_no_picture_is_told_apart() -> None:
    assert refused(b"") == "empty"
    for data in (b"hello, this is a text", b"x", b"%PDF-1.7 ...", b"<svg xmlns='x'/>", b"\0" * 99):
        assert refused(data) == "not-a-picture"
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99)
    for data in (heic, encoded(blocks(), "PPM"), encoded(blocks(), "JPEG2000")):
        assert refused(data) == "unsupported"


def test_values_without_a_range_are_unsupported() -> None:
    for mode in ("I", "F"):
        assert refused(encoded(Image.new(mode, (4, 4)), "TIFF")) == "unsupported"


@pytest.mark.parametrize("format", [*EXACT, "GIF"])
def test_a_file_that_breaks_off_is_truncated(format: str) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    whole = encoded(noise, format)
    for share in (0.2, 0.5, 0.9):
        assert refused(whole[: int(len(whole) * share)]) == "truncated"


def test_a_header_alone_is_truncated() -> None:
    for data in (b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff\xe0", b"BM", b"II*\0"):
        assert refused(data) == "truncated"


def test_bytes_and_pixels_are_limited_before_decoding() -> None:
    data = encoded(blocks(), "PNG")
    assert decode(data, Limits(bytes=len(data), pixels=64 * 48)).shape == (64, 48, 3)
    assert refused(data, Limits(bytes=len(data) - 1)) == "too-large"
    assert refused(data, Limits(pixels=64 * 48 - 1)) == "too-many-pixels"


@pytest.mark.parametrize("side", [8_001, 10_000, 60_000, 2**31 - 1])
def test_a_decompression_bomb_is_not_unpacked(side: int) -> None:
    header = b"IHDR" + side.to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    rest = b"IDAT" + zlib.compress(bytes(1000))
    chunks = b"".join(
        (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        for chunk in (header, rest, b"IEND")
    )
    assert refused(b"\x89PNG\r\n\x1a\n" + chunks) == "too-many-pixels"


# Pillow warns of much that it then shows all the same.
@pytest.mark.filterwarnings("ignore:::PIL")
@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([*EXACT, "GIF"]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_changed_bytes_give_a_picture_or_a_reason(
    format: str, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(encoded(blocks()[:20, :20], format))
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    try:
        picture = decode(bytes(data), Limits(pixels=100_000))
    except PictureInvalid:
        assert refused(bytes(data), Limits(pixels=100_000)) not in ("empty", "too-large")
    else:
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert picture.shape[2] == 3


@given(st.binary(max_size=64))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert refused(data) in ("empty", "not-a-picture", "truncated", "unsupported")


@pytest.mark.parametrize("format", ["webp", "jpeg"])
@pytest.mark.parametrize(
    ("size", "side", "expected"),
    [
        ((64, 48), 32, (32, 24)),
        ((48, 64), 32, (24, 32)),
        ((9, 5), 32, (9, 5)),
        ((500, 1), 8, (8, 1)),
    ],
)
def test_thumbnails_fit_and_never_grow(
    format: Any, size: tuple[int, int], side: int, expected: tuple[int, int]
) -> None:
    small = thumbnail(np.zeros((size[1], size[0], 3), np.uint8), side, format)
    with Image.open(io.BytesIO(small)) as image:
        assert (image.format, image.size) == (format.upper(), expected)
    assert decode(small).shape == (expected[1], expected[0], 3)


def test_scaling_averages() -> None:
    checkers = np.indices((512, 512)).sum(axis=0) % 2 * np.uint8(255)
    small = resized(np.repeat(checkers[..., np.newaxis].astype(np.uint8), 3, axis=2), 16, 8)
    assert small.shape == (8, 16, 3)
    assert np.abs(small.astype(int) - 127).max() <= 2
