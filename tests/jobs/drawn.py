"""Small pictures for tests, made here: with writing, in every mode, and broken in every way."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZE = (40, 24)


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    """A picture as a file."""
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def plain(seed: int = 0, mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """A picture of blots, another one for each seed."""
    rng = np.random.default_rng(seed)
    blots = Image.fromarray(rng.integers(0, 256, (6, 10, 3), dtype=np.uint8))
    return blots.resize(size, Image.Resampling.NEAREST).convert(mode)


Draw: TypeAlias = "tuple[str, Sequence[tuple[int, int]], dict[str, Any]]"
FIGURES: tuple[Draw, ...] = (
    ("ellipse", [(40, 20), (120, 100)], {"fill": "black"}),
    ("rectangle", [(30, 30), (130, 90)], {"fill": "darkred"}),
    ("polygon", [(80, 15), (140, 105), (20, 105)], {"fill": "darkgreen"}),
    ("ellipse", [(40, 20), (120, 100)], {"outline": "navy", "width": 12}),
    ("line", [(x, 20 + x % 40 * 4) for x in range(10, 160, 20)], {"fill": "black", "width": 6}),
    ("pieslice", [(20, 0), (140, 120)], {"start": 20, "end": 110, "fill": "purple"}),
    ("polygon", [(30, 15), (60, 15), (60, 80), (130, 80), (130, 105), (30, 105)], {"fill": "navy"}),
    ("arc", [(20, 10), (140, 180)], {"start": 180, "end": 360, "fill": "darkred", "width": 9}),
    ("rectangle", [(10, 10), (150, 110)], {"outline": "purple", "width": 15}),
    ("line", [(20, 20), (140, 100), (140, 20), (20, 100)], {"fill": "darkgreen", "width": 14}),
)


def figure(number: int) -> Image.Image:
    """One of ten figures that a model of pictures tells apart."""
    image = Image.new("RGB", (160, 120), "lightgrey")
    method, corners, options = FIGURES[number]
    getattr(ImageDraw.Draw(image), method)(corners, **options)
    return image


def labelled(text: str) -> Image.Image:
    """A line of dark letters on white, large enough to be read."""
    image = Image.new("RGB", (320, 64), "white")
    font = ImageFont.load_default(28)
    ImageDraw.Draw(image).text((10, 16), text, fill="black", font=font)
    return image


def written(text: str) -> bytes:
    """The same as a file."""
    return encoded(labelled(text))


def sixteen_bit() -> bytes:
    """A grey picture of 16 bits."""
    return encoded(
        Image.fromarray(np.linspace(0, 65535, 24 * 40).reshape(24, 40).astype(np.uint16))
    )


def animated() -> bytes:
    """Two pictures in one file."""
    return encoded(plain(1), "GIF", save_all=True, append_images=[plain(2)])


def lying() -> bytes:
    """A picture stored on its side, with a note that says so: upright it is 24 wide and 40 high."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(plain(3), "JPEG", exif=exif)


def truncated(format: str = "JPEG") -> bytes:
    """Half a picture."""
    whole = encoded(plain(4, size=(200, 120)), format)
    return whole[: len(whole) // 2]


def corrupt() -> bytes:
    """A PNG whose pixels are noise under a right head."""
    whole = bytearray(encoded(plain(5)))
    whole[60:80] = bytes(20)
    return bytes(whole)


def bomb(side: int = 30_000) -> bytes:
    """A small PNG file of very many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(side // 8 + 1) * 16, 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
