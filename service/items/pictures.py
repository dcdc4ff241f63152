"""Decoding of pictures, in few threads and within limits of memory."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from db.operations.readings import Decoded
from encoders.base import Picture
from encoders.pictures import decoding
from encoders.pictures.decoding import PictureInvalid
from flows.pictures import prepare_picture
from service.errors import TooMuchMemory
from service.http.presence import current_key, finished
from service.limits.budget import Budget
from service.limits.turns import Turns

R = TypeVar("R")

# A decoded picture may take hundreds of megabytes, however small its file: few at a time.
AT_ONCE = 2


class Pictures:
    """Decodes pictures, and finds stored ones."""

    def __init__(self, max_mb: int, budget: Budget) -> None:
        self.limits = decoding.Limits(bytes=max_mb * 1024 * 1024)
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
        await self.budget.keep(await self._run(decoding.memory, data))
        return await self._run(decoding.decode, data)

    async def to_store(self, data: bytes) -> Decoded:
        """A picture as it is stored, with its thumbnail.

        Raises:
            PictureInvalid: as `decoded`, or its pixels take more memory than one key may have.
            Overloaded: as `decoded`.
        """
        need = await self._run(decoding.memory, data)
        async with self._turns.held(current_key()):
            try:
                async with self.budget.room(need):
                    return await self._run(prepare_picture, data)
            except TooMuchMemory as exc:
                raise PictureInvalid("too-many-pixels", str(exc)) from exc

    async def _run(self, work: Callable[[bytes, decoding.Limits], R], data: bytes) -> R:
        """Run work in a thread that the request waits for even when it ends: memory is in use."""
        async with self._free:
            running = asyncio.get_running_loop().run_in_executor(
                self._threads, work, data, self.limits
            )
            return await finished(running)
