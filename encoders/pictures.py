"""Pictures from the bytes people upload, and small ones back: decoded upright, in RGB, or refused.

Bytes come from anybody, so what a picture may cost is bounded before its pixels are touched.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from encoders import picture_brands, picture_modes
from encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.base import Picture

Reason = Literal[
    "empty", "not-a-picture", "truncated", "too-large", "too-many-pixels", "unsupported"
]

# Others that Pillow reads are rare on purpose: every parser is a way in.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
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
    """The largest picture that is decoded; a decoded pixel takes three bytes, for a moment six."""

    bytes: int = 32 * 1024**2
    pixels: int = 64_000_000


DEFAULT_LIMITS = Limits()


def decode(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """Decode a picture as a viewer would show it.

    Turned as its EXIF orientation says, transparent parts on white, the first frame of several,
    the bits of a channel that are used reduced to 8. Colours are taken as they are stored: profiles
    are not applied.

    Returns:
        uint8 of shape (height, width, 3), RGB, writable.

    Raises:
        PictureInvalid: If it is none, is damaged, or exceeds the limits.

    """
    if not data:
        raise PictureInvalid("empty", "there are no bytes.")
    if len(data) > limits.bytes:
        raise PictureInvalid("too-large", f"{len(data):,} bytes, at most {limits.bytes:,}.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > limits.pixels:
                raise _too_many(f"{width:,} x {height:,}", limits)
            told = picture_modes.head(image)
            image.load()
            return np.array(_rgb(_turned(image), _levels(image, told)))
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
    """Check that encoders were given pictures.

    Raises:
        ValueError: If one has another shape or dtype than a `Picture`, or no pixel; it is named by
            its row.

    """
    for row, image in enumerate(images):
        fits = isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 3
        if not fits or image.shape[2] != 3 or image.size == 0:
            told = f"{image.dtype} of shape {image.shape}" if hasattr(image, "shape") else image
            raise ValueError(
                f"images[{row}] must be uint8 of shape (height, width, 3) with pixels, not {told}"
            )


def resized(picture: Picture, width: int, height: int) -> Picture:
    """Scale to exactly that size, averaging over what shrinks; the aspect ratio is not kept."""
    image = Image.fromarray(picture)
    # Very large pictures are first reduced by whole pixels: ten times the speed, the same look.
    return np.array(image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0))


def thumbnail(picture: Picture, side: int, format: Literal["webp", "jpeg"] = "webp") -> bytes:
    """Encode a small version: at most `side` pixels wide and high, never larger than it was."""
    image = Image.fromarray(picture)
    image.thumbnail((side, side))
    encoded = io.BytesIO()
    image.save(encoded, format, quality=80)
    return encoded.getvalue()


def _turned(image: Image.Image) -> Image.Image:
    # Not ImageOps.exif_transpose: it also rewrites the EXIF block, which fails on blocks that can
    # be read well enough. Asked only once loaded: Pillow turns some formats by itself.
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # viewers show a picture whose notes are damaged, as it is stored
        return image
    method = _UPRIGHT.get(orientation)
    return image if method is None else image.transpose(method)


def _levels(image: Image.Image, told: picture_modes.Head) -> picture_modes.Head:
    try:
        return picture_modes.of_loaded(image, told)
    except ValueError as exc:
        raise PictureInvalid("unsupported", str(exc)) from exc


def _rgb(image: Image.Image, levels: picture_modes.Head) -> Image.Image:
    if image.mode in _RANGELESS:
        raise PictureInvalid(
            "unsupported", f"its {_RANGELESS[image.mode]} values say not which of them is white."
        )
    image = picture_modes.eight_bits(image, levels)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(white, layer)
    return image.convert("RGB")


def _too_many(size: str, limits: Limits) -> PictureInvalid:
    return PictureInvalid("too-many-pixels", f"{size} pixels, at most {limits.pixels:,}.")


def _unidentified(data: bytes) -> PictureInvalid:
    """Say why no parser took these bytes, by how they begin."""
    Image.init()
    taken = ", ".join(FORMATS)
    if kind := picture_brands.refused(data):
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
