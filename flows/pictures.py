"""Pictures to store: checked by decoding, with their size and thumbnail."""

from __future__ import annotations

from db.operations.readings import Decoded
from encoders.pictures import decoding

THUMBNAIL_SIDE = 320


def prepare_picture(data: bytes, limits: decoding.Limits = decoding.DEFAULT_LIMITS) -> Decoded:
    """Decode a picture as a check, and make its thumbnail.

    Raises:
        PictureInvalid: it is no picture, is damaged, or exceeds the limits.
    """
    picture = decoding.decode(data, limits)
    return Decoded(
        data=data,
        media_type=decoding.media_type(data),
        width=picture.shape[1],
        height=picture.shape[0],
        thumbnail=decoding.thumbnail(picture, THUMBNAIL_SIDE),
    )
