"""Models at work beside the event loop: loaded once, run in a few threads, waited for so long."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from encoders.errors import EncoderError
from flows.errors import LegUnavailable
from service.http.presence import finished
from service.models.loading import Loader

T = TypeVar("T")
R = TypeVar("R")

log = logging.getLogger("seogo.service")


class Crew(Generic[T]):
    """Models of one kind. Belongs to one event loop."""

    def __init__(self, name: str, *, threads: int, wait_s: float) -> None:
        self._wait_s = wait_s
        self._models: Loader[T] = Loader()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=f"seogo-{name}")

    def close(self) -> None:
        """Stop the threads; what waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(self, key: str, build: Callable[[], T], work: Callable[[T], R]) -> R:
        """Run `work` with a model, built when this is the first time.

        Args:
            key: names the model.
            build: makes it.
            work: what is asked of it; runs in a thread.

        Raises:
            LegUnavailable: the model cannot be had, failed, or took too long; the text says why.
        """
        try:
            async with asyncio.timeout(self._wait_s):
                return await self._ran(key, await self._model(key, build), work)
        except TimeoutError as exc:
            raise LegUnavailable(
                f"{key} did not answer within {self._wait_s:g} s (it may still be loading): try again"
            ) from exc

    async def _model(self, key: str, build: Callable[[], T]) -> T:
        try:
            return await self._models.get(key, build)
        except LegUnavailable:
            raise
        except EncoderError as exc:
            raise LegUnavailable(str(exc)) from exc
        except (
            Exception
        ) as exc:  # runtimes raise classes of their own; the search goes on without it
            raise LegUnavailable(f"{key} does not load: {exc}") from exc

    async def _ran(self, key: str, model: T, work: Callable[[T], R]) -> R:
        loop = asyncio.get_running_loop()
        try:
            return await finished(loop.run_in_executor(self._threads, work, model))
        except Exception as exc:  # as above
            log.warning("%s failed: %s", key, type(exc).__name__)
            raise LegUnavailable(f"{key} failed ({type(exc).__name__})") from exc
