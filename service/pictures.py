"""Pictures that come in: their bytes wherever they are, decoded in few threads and within limits."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from db import gallery
from db.pictures import Decoded
from encoders import pictures
from encoders.base import Picture
from encoders.picture_sources import from_base64
from encoders.pictures import PictureInvalid
from service.budget import Budget
from service.database import CallersDatabase
from service.errors import NoSuchPicture, TooMuchMemory
from service.presence import finished, who
from service.schemas.search import PictureIn
from service.turns import Turns

R = TypeVar("R")

# A decoded picture may take hundreds of megabytes, however small its file: few at a time.
AT_ONCE = 2
THUMBNAIL_SIDE = 320


class Pictures:
    """Decodes pictures, and finds stored ones."""

    def __init__(self, max_mb: int, budget: Budget) -> None:
        self.limits = pictures.Limits(bytes=max_mb * 1024 * 1024)
        self.budget = budget
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="seogo-decode")
        # Who sends many waits for the others.
        self._turns = Turns(per_key=1)
        self._free = asyncio.Semaphore(AT_ONCE)

    def close(self) -> None:
        """Stop the threads; what waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def decoded(self, data: bytes) -> Picture:
        """The pixels: uint8 of shape (height, width, 3), kept until the request is over.

        Raises:
            PictureInvalid: it is no picture, is damaged, or exceeds the limits.
            TooMuchMemory: its pixels take more than one key may have.
            Overloaded: there is no memory for it now.
        """
        await self.budget.keep(await self._run(pictures.memory, data))
        return await self._run(pictures.decode, data)

    async def to_store(self, data: bytes) -> Decoded:
        """A picture as it is stored, with its thumbnail.

        Raises:
            PictureInvalid: as `decoded`, or its pixels take more memory than one key may have.
            Overloaded: as `decoded`.
        """
        need = await self._run(pictures.memory, data)
        async with self._turns.turn(who()):
            try:
                async with self.budget.room(need):
                    return await self._run(_to_store, data)
            except TooMuchMemory as exc:
                raise PictureInvalid("too-many-pixels", str(exc)) from exc

    async def _run(self, work: Callable[[bytes, pictures.Limits], R], data: bytes) -> R:
        """Run work in a thread that the request waits for even when it ends: memory is in use."""
        async with self._free:
            running = asyncio.get_running_loop().run_in_executor(
                self._threads, work, data, self.limits
            )
            return await finished(running)

    async def named(self, database: CallersDatabase, collection: str, picture: PictureIn) -> bytes:
        """The file of a picture that a search names.

        Raises:
            NoSuchPicture: no item of the collection shows it.
            PictureUnavailable: it is not base64.
        """
        if picture.base64 is not None:
            return await asyncio.to_thread(from_base64, picture.base64)
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
