"""Model pool: models loaded once, run in threads beside the event loop, with one set of errors."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from flows.errors import LegUnavailable
from flows.models import loading, running
from service.http.presence import finished

T = TypeVar("T")
R = TypeVar("R")

log = logging.getLogger("seogo.service")

# Loading again after a failure costs a second or more, so a broken installation is not tried on
# every search; an operator who repairs it need not restart the service either.
RETRY_S = 30.0


class Model(NamedTuple, Generic[T]):
    """A model that a pool can load.

    Attributes:
        key: identifies it in the pool.
        label: names it in messages, such as `encoder dummy`.
        build: loads it; runs in a thread.
    """

    key: str
    label: str
    build: Callable[[], T]


class _Failure(NamedTuple):
    reason: str
    at: float


class ModelPool:
    """Loads each model once and runs it in its threads. Belongs to one event loop."""

    def __init__(self, name: str, *, threads: int, wait_s: float | None = None) -> None:
        """Make an empty pool.

        Args:
            name: of its threads.
            threads: calls at the same time.
            wait_s: longest wait for an answer, loading included; None: no limit.
        """
        self.threads = threads
        self.wait_s = wait_s
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"seogo-{name}")
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._failed: dict[str, _Failure] = {}

    def close(self) -> None:
        """Stop the threads; calls that wait are dropped, running ones end by themselves."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def load(self, model: Model[T]) -> T:
        """The model, loaded by the first caller for all; a failure is remembered for `RETRY_S`.

        Raises:
            LegUnavailable: it does not load; the text says why and what to do.
        """
        failure = self._failed.get(model.key)
        if failure and time.monotonic() - failure.at < RETRY_S:
            raise LegUnavailable(failure.reason)
        task = self._tasks.get(model.key)
        if task is None:
            task = self._tasks[model.key] = asyncio.create_task(asyncio.to_thread(_build, model))
            task.add_done_callback(partial(self._loaded, model.key))
        # One load serves all callers, and goes on when one of them gives up.
        found: T = await asyncio.shield(task)
        return found

    async def run(
        self, model: Model[T], work: Callable[[T], R], *, wait_s: float | None = None
    ) -> R:
        """Run `work` with a model in a thread; load the model first where this is needed.

        Raises:
            LegUnavailable: the model does not load, failed, or did not answer within `wait_s`
                (None: that of the pool); the text says why.
        """
        async with self.limit(model.label, wait_s):
            loaded = await self.load(model)
            with running(model.label):
                return await self.submit(work, loaded)

    async def submit(self, work: Callable[..., R], *args: Any) -> R:
        """Run any function in the pool's threads, without time limit; its errors are passed on."""
        return await finished(self.start(work, *args))

    def start(self, work: Callable[..., R], *args: Any) -> asyncio.Future[R]:
        """As `submit`, without waiting."""
        return asyncio.get_running_loop().run_in_executor(self._executor, work, *args)

    @asynccontextmanager
    async def limit(self, label: str, wait_s: float | None = None) -> AsyncIterator[None]:
        """Limit the time of a block: `LegUnavailable` after `wait_s`, or the pool's own limit."""
        seconds = self.wait_s if wait_s is None else wait_s
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as exc:
            raise LegUnavailable(
                f"{label} did not answer within {seconds:g} s (it may still be loading): try again"
            ) from exc

    def _loaded(self, key: str, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            del self._tasks[key]
        elif exc := task.exception():
            log.warning("%s is unavailable: %s", key, exc)
            self._failed[key] = _Failure(str(exc), time.monotonic())
            del self._tasks[key]


def _build(model: Model[T]) -> T:
    with loading(model.label):
        return model.build()
