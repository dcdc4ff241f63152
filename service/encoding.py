"""Query vectors: encoders load once, on demand, and encode in one bounded pool of threads."""

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from db.rows import Space
from encoders import registry
from encoders.base import TextEncoder, Vectors
from encoders.errors import EncoderError
from encoders.settings import EncoderSettings
from service.errors import LegUnavailable

log = logging.getLogger("seogo.service")

# Loading again after a failure costs a second or more, so a broken installation is not asked on
# every search; an operator who mends it need not restart the service either.
RETRY_S = 30.0


class _Failure(NamedTuple):
    reason: str
    at: float


class Encoders:
    """The encoders of live spaces, by the identity of the space. Belongs to one event loop."""

    def __init__(self, settings: EncoderSettings, *, threads: int, wait_s: float) -> None:
        self._settings = settings
        self._wait_s = wait_s
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="seogo-encode")
        self._ready: dict[str, TextEncoder] = {}
        self._loading: dict[str, asyncio.Task[TextEncoder]] = {}
        self._failed: dict[str, _Failure] = {}

    def close(self) -> None:
        """Stop the threads; what waits is dropped."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def load(self, space: Space) -> TextEncoder:
        """The encoder of a space, built in a thread when this is the first time.

        Raises:
            LegUnavailable: it cannot be had; the text says why and what to do.
        """
        if encoder := self._ready.get(space.identity):
            return encoder
        failure = self._failed.get(space.identity)
        if failure and time.monotonic() - failure.at < RETRY_S:
            raise LegUnavailable(failure.reason)
        task = self._loading.get(space.identity)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(_build, space, self._settings))
            task.add_done_callback(partial(self._loaded, space))
            self._loading[space.identity] = task
        # One load serves all who wait, and goes on when one of them gives up.
        return await asyncio.shield(task)

    async def query_vector(self, space: Space, query: str) -> Vectors:
        """Encode a query for a space: float32 of shape (dim,), unit length.

        Raises:
            LegUnavailable: the encoder cannot be had, failed, or took too long.
        """
        try:
            async with asyncio.timeout(self._wait_s):
                encoder = await self.load(space)
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._executor, _encode, encoder, query)
        except TimeoutError as exc:
            raise LegUnavailable(
                f"encoder {space.encoder} did not answer within {self._wait_s:g} s"
                " (it may still be loading): try again"
            ) from exc
        except (ValueError, RuntimeError) as exc:
            log.warning("encoder %s failed on a query: %s", space.encoder, type(exc).__name__)
            reason = f"encoder {space.encoder} failed ({type(exc).__name__})"
            raise LegUnavailable(reason) from exc

    def _loaded(self, space: Space, task: asyncio.Task[TextEncoder]) -> None:
        del self._loading[space.identity]
        if task.cancelled():
            return
        if exc := task.exception():
            log.warning("encoder of space %s cannot be had: %s", space.space, exc)
            self._failed[space.identity] = _Failure(str(exc), time.monotonic())
        else:
            self._failed.pop(space.identity, None)
            self._ready[space.identity] = task.result()


def _build(space: Space, settings: EncoderSettings) -> TextEncoder:
    try:
        spec = registry.spec(space.encoder)
        if spec.identity != space.identity:
            raise LegUnavailable(
                f"the vectors of space {space.space} were made by {space.identity}, but this"
                f" program's {spec.name} is {spec.identity}: run the release that made them, or"
                " embed into a new generation"
            )
        return registry.build(spec, settings.models_path, settings.threads, log.info)
    except EncoderError as exc:
        raise LegUnavailable(str(exc)) from exc
    except (OSError, ValueError, RuntimeError) as exc:
        raise LegUnavailable(f"encoder {space.encoder} does not load: {exc}") from exc


def _encode(encoder: TextEncoder, query: str) -> Vectors:
    vector: Vectors = encoder.encode_queries([query])[0]
    return vector
