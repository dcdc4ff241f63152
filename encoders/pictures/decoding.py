"""Decoding of picture files, upright and in RGB, with limits; thumbnails.

Bytes come from anybody, so what a picture may cost is bounded before its pixels are touched.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import msgspec
import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from encoders.base import Picture
from encoders.errors import EncoderError
from encoders.pictures import brands, modes

Reason = Literal[
    "empty", "not-a-picture", "truncated", "too-large", "too-many-pixels", "unsupported"
]

# Others that Pillow reads are rare on purpose: every parser is a way in.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")

# By EXIF's number of the orientation: whether rows and columns change places, and then which way
# they run.
_UPRIGHT = {
    2: (False, 1, -1),
    3: (False, -1, -1),
    4: (False, -1, 1),
    5: (True, 1, 1),
    6: (True, 1, -1),
    7: (True, -1, -1),
    8: (True, -1, 1),
}
# What Pillow keeps a pixel in; all modes that are not here take four bytes.
_STORED = {"1": 1, "L": 1, "P": 1, "PA": 4, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
_OTHERWISE = 4
# What a pixel takes besides while it is decoded: pictures in a library's own memory, their copies.
_DECODING = {"WEBP": 12, "AVIF": 10, "TIFF": 8, "GIF": 5}
# JPEG files that show the whole at once, coarse first, keep all coefficients: two bytes for each.
_PROGRESSIVE = 8
_RGB = 3
# Rows that are converted at once.
_STRIP = 500_000
_PER_STRIP = 40
_RANGELESS = {"I": "32-bit integer", "F": "floating-point"}


class PictureInvalid(EncoderError):
    """The picture cannot be used.

    Attributes:
        reason: A code to store and to count; `truncated` also stands for other damage.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason: Reason = reason
        super().__init__(f"{reason}: {detail}")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The largest picture that is decoded; what its pixels take meanwhile says `memory`."""

    bytes: int = 32 * 1024**2
    pixels: int = 64_000_000


DEFAULT_LIMITS = Limits()


def decode(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """Decode a picture as a viewer shows it.

    Turned as its EXIF orientation says, transparent parts on white, the first frame of several,
    the bits of a channel that are used reduced to 8. Colours are taken as they are stored: profiles
    are not applied.

    Returns:
        uint8 of shape (height, width, 3), RGB, writable.

    Raises:
        PictureInvalid: If it is none, is damaged, or exceeds the limits.
    """
    rgb, turn = _decoded(data, limits)
    if turn is None:
        return rgb
    across, down, right = turn
    return np.ascontiguousarray((rgb.swapaxes(0, 1) if across else rgb)[::down, ::right])


def _decoded(data: bytes, limits: Limits) -> tuple[Picture, tuple[bool, int, int] | None]:
    """Pixels as stored, and how to turn them upright; Pillow's own copy is freed."""
    with _opened(data, limits) as image:
        told = modes.head(image)
        image.load()
        return _rgb(image, _levels(image, told)), _turn(image)


def memory(data: bytes, limits: Limits = DEFAULT_LIMITS) -> int:
    """Bytes that `decode` takes at most, its result included; the pixels are not touched.

    Raises:
        PictureInvalid: As `decode`, as far as the head of the file tells.
    """
    with _opened(data, limits) as image:
        width, height = image.size
        decoding = _DECODING.get(image.format or "", 0)
        if image.info.get("progressive") or image.info.get("progression"):
            decoding = _PROGRESSIVE
        stored = _STORED.get(image.mode, _OTHERWISE)
        each = max(stored + decoding, stored + _RGB, 2 * _RGB)
        return width * height * each + _PER_STRIP * _STRIP


@contextmanager
def _opened(data: bytes, limits: Limits) -> Iterator[Image.Image]:
    """Open a picture within the limits; all errors of its parser become `PictureInvalid`."""
    if not data:
        raise PictureInvalid("empty", "there are no bytes.")
    if len(data) > limits.bytes:
        raise PictureInvalid("too-large", f"{len(data):,} bytes, at most {limits.bytes:,}.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > limits.pixels:
                raise _too_many(f"{width:,} x {height:,}", limits)
            yield image
    except PictureInvalid:
        raise
    except UnidentifiedImageError as exc:
        raise _unidentified(data) from exc
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise _too_many("far too many", limits) from exc
    except Exception as exc:  # on hostile bytes Pillow's parsers raise whatever there is
        raise PictureInvalid("truncated", f"it breaks off or is damaged ({exc}).") from exc


def media_type(data: bytes) -> str:
    """The media type of a picture's file, such as `image/png`, by its content.

    Raises:
        PictureInvalid: If it is no picture.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            # What phones save is a JPEG with more pictures behind it, and browsers know it as that.
            return Image.MIME["JPEG" if image.format == "MPO" else image.format or ""]
    except UnidentifiedImageError as exc:
        raise _unidentified(data) from exc


def check(images: Sequence[Picture]) -> None:
    """Check that arrays are pictures.

    Raises:
        ValueError: If one has another shape or dtype than a `Picture`, or no pixel; it is named by
            its row.
    """
    for row, image in enumerate(images):
        fits = isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 3
        if not fits or image.shape[2] != 3 or image.size == 0:
            found = f"{image.dtype} of shape {image.shape}" if hasattr(image, "shape") else image
            raise ValueError(
                f"images[{row}] must be uint8 of shape (height, width, 3) with pixels, not {found}"
            )


def resized(picture: Picture, width: int, height: int) -> Picture:
    """Scale to exactly that size, averaging over what shrinks; the aspect ratio is not kept."""
    return np.array(_scaled(picture, width, height, gap=3.0))


def thumbnail(picture: Picture, side: int, format: Literal["webp", "jpeg"] = "webp") -> bytes:
    """Encode a small version: at most `side` pixels wide and high, never larger than it was."""
    height, width = picture.shape[:2]
    scale = min(1.0, side / max(width, height))
    small = _scaled(picture, max(1, round(width * scale)), max(1, round(height * scale)), gap=2.0)
    encoded = io.BytesIO()
    small.save(encoded, format, quality=80)
    return encoded.getvalue()


def _scaled(picture: Picture, width: int, height: int, *, gap: float) -> Image.Image:
    """Scale as Pillow does with `reducing_gap`, without a copy of the whole picture.

    What is very large is first reduced by whole pixels: ten times the speed, the same look.
    """
    rows, columns = picture.shape[:2]
    across, down = (int(n / m / gap) or 1 for n, m in ((columns, width), (rows, height)))
    if across > 1 or down > 1:
        step = max(1, _STRIP // (columns * down)) * down
        strips = (Image.fromarray(picture[at : at + step]) for at in range(0, rows, step))
        picture = np.concatenate([np.asarray(strip.reduce((across, down))) for strip in strips])
    box = (0, 0, columns / across, rows / down)
    return Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC, box=box)


def _turn(image: Image.Image) -> tuple[bool, int, int] | None:
    # Asked only once loaded: Pillow turns some formats by itself.
    try:
        return _UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # viewers show a picture whose notes are damaged, as it is stored
        return None


def _levels(image: Image.Image, told: modes.PixelFormat) -> modes.PixelFormat:
    try:
        return modes.of_loaded(image, told)
    except ValueError as exc:
        raise PictureInvalid("unsupported", str(exc)) from exc


def _rgb(image: Image.Image, levels: modes.PixelFormat) -> Picture:
    """Pixels of a loaded picture in RGB, converted strip by strip to save memory."""
    if image.mode in _RANGELESS:
        raise PictureInvalid(
            "unsupported", f"its {_RANGELESS[image.mode]} values say not which of them is white."
        )
    width, height = image.size
    rgb = np.empty((height, width, _RGB), np.uint8)
    step = max(1, _STRIP // width)
    for at in range(0, height, step):
        strip = image.crop((0, at, width, min(at + step, height)))
        rgb[at : at + step] = _on_white(modes.eight_bits(strip, levels))
    return rgb


def _on_white(image: Image.Image) -> Picture:
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(white, layer)
    return np.asarray(image.convert("RGB"))


def _too_many(size: str, limits: Limits) -> PictureInvalid:
    return PictureInvalid("too-many-pixels", f"{size} pixels, at most {limits.pixels:,}.")


def _unidentified(data: bytes) -> PictureInvalid:
    """Say why no parser took these bytes, by how they begin."""
    Image.init()
    taken = ", ".join(FORMATS)
    if kind := brands.unsupported_format(data):
        return PictureInvalid("unsupported", f"it is {kind}; taken are {taken}.")
    start = data[:16].ljust(16, b"\0")
    begins = {name for name, (_, accepts) in Image.OPEN.items() if accepts and accepts(start)}
    if begins & set(FORMATS):
        kind = min(begins & set(FORMATS))
        return PictureInvalid(
            "truncated", f"it begins like {kind} and cannot be read on: damaged, or a rare sort."
        )
    if begins or start[4:8] == b"ftyp":
        kind = min(begins, default="a film")
        return PictureInvalid("unsupported", f"it seems to be {kind}; taken are {taken}.")
    return PictureInvalid("not-a-picture", f"it is none of {taken}.")
