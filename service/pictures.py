"""Pictures that come in: their bytes wherever they are, decoded in few threads and within limits."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from db import gallery
from db.pictures import Decoded
from encoders import pictures
from encoders.base import Picture
from encoders.picture_sources import from_base64
from service.database import CallersDatabase
from service.errors import NoSuchPicture
from service.schemas.search import PictureIn

# A decoded picture may take hundreds of megabytes, however small its file: few at a time.
AT_ONCE = 2
THUMBNAIL_SIDE = 320


class Pictures:
    """Decodes pictures, and finds stored ones."""

    def __init__(self, max_mb: int) -> None:
        self.limits = pictures.Limits(bytes=max_mb * 1024 * 1024)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="seogo-decode")

    def close(self) -> None:
        """Stop the threads; what waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def decoded(self, data: bytes) -> Picture:
        """The pixels: uint8 of shape (height, width, 3).

        Raises:
            PictureInvalid: it is no picture, is damaged, or exceeds the limits.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, pictures.decode, data, self.limits)

    async def to_store(self, data: bytes) -> Decoded:
        """A picture as it is stored, with its thumbnail; raises as `decoded`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _to_store, data, self.limits)

    async def named(self, database: CallersDatabase, collection: str, picture: PictureIn) -> bytes:
        """The file of a picture that a search names.

        Raises:
            NoSuchPicture: no item of the collection shows it.
            PictureUnavailable: it is not base64.
        """
        if picture.base64 is not None:
            return from_base64(picture.base64)
        stored = await database.fetch(
            gallery.picture(picture_id=picture.id or 0, collection=collection)
        )
        if not stored:
            raise NoSuchPicture(f"no item of {collection} has picture {picture.id}")
        query = gallery.piece(picture_id=stored[0].picture_id, start=0, size=stored[0].size)
        (file,) = await database.fetch(query)
        return file.data


def _to_store(data: bytes, limits: pictures.Limits) -> Decoded:
    picture = pictures.decode(data, limits)
    return Decoded(
        data=data,
        media_type=pictures.media_type(data),
        width=picture.shape[1],
        height=picture.shape[0],
        thumbnail=pictures.thumbnail(picture, THUMBNAIL_SIDE),
    )
