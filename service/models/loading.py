"""Something slow to build, built once for all who ask; what fails is tried again, but not at once."""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from flows.errors import LegUnavailable

T = TypeVar("T")

log = logging.getLogger("seogo.service")

# Loading again after a failure costs a second or more, so a broken installation is not asked on
# every search; an operator who mends it need not restart the service either.
RETRY_S = 30.0


class _Failure(NamedTuple):
    reason: str
    at: float


class Loader(Generic[T]):
    """Builds in threads, by key. Belongs to one event loop."""

    def __init__(self) -> None:
        self._ready: dict[str, T] = {}
        self._loading: dict[str, asyncio.Task[T]] = {}
        self._failed: dict[str, _Failure] = {}

    async def get(self, key: str, build: Callable[[], T]) -> T:
        """What `build` made for this key, when it was first asked for.

        Raises:
            LegUnavailable: it failed now, or a short while ago; the text says why.
        """
        if key in self._ready:
            return self._ready[key]
        failure = self._failed.get(key)
        if failure and time.monotonic() - failure.at < RETRY_S:
            raise LegUnavailable(failure.reason)
        task = self._loading.get(key)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(build))
            task.add_done_callback(partial(self._loaded, key))
            self._loading[key] = task
        # One load serves all who wait, and goes on when one of them gives up.
        return await asyncio.shield(task)

    def _loaded(self, key: str, task: asyncio.Task[T]) -> None:
        del self._loading[key]
        if task.cancelled():
            return
        if exc := task.exception():
            log.warning("%s cannot be had: %s", key, exc)
            self._failed[key] = _Failure(str(exc), time.monotonic())
        else:
            self._failed.pop(key, None)
            self._ready[key] = task.result()
