"""Query vectors: encoders load once, on demand or ahead, and encode what comes in batches."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from functools import partial

from db.rows import Space
from encoders import registry
from encoders.base import TextEncoder, Vectors
from encoders.errors import EncoderError
from encoders.settings import EncoderSettings
from flows.errors import LegUnavailable
from service.models.batching import Metrics, QueryBatcher
from service.models.loading import Loader

log = logging.getLogger("seogo.service")


class Encoders:
    """The encoders of live spaces, by the identity of the space. Belongs to one event loop."""

    def __init__(self, settings: EncoderSettings, *, threads: int, wait_s: float) -> None:
        self._settings = settings
        self._wait_s = wait_s
        self._batcher = QueryBatcher(threads, stuck_s=wait_s)
        self._loader: Loader[TextEncoder] = Loader()

    def close(self) -> None:
        """Stop the threads; what waits is refused."""
        self._batcher.close()

    @property
    def metrics(self) -> Mapping[str, Metrics]:
        """Counters of every encoder that was asked, by identity; read them in the event loop."""
        return self._batcher.metrics

    async def preload(self, spaces: Iterable[Space]) -> list[Space]:
        """Load the encoders of these spaces.

        Returns:
            The spaces whose encoder cannot be had now; the log says why.
        """
        missing = []
        for space in spaces:  # side by side they would need the memory of all builds at once
            try:
                await self.load(space)
            except LegUnavailable:
                missing.append(space)
        return missing

    async def load(self, space: Space) -> TextEncoder:
        """The encoder of a space, built in a thread when this is the first time.

        Raises:
            LegUnavailable: it cannot be had; the text says why and what to do.
        """
        return await self._loader.get(space.identity, partial(_build, space, self._settings))

    async def query_vector(self, space: Space, query: str) -> Vectors:
        """Encode a query for a space: float32 of shape (dim,), unit length.

        Raises:
            LegUnavailable: the encoder cannot be had, failed, is too busy, or took too long.
        """
        try:
            async with asyncio.timeout(self._wait_s):
                return await self._batcher.encode(await self.load(space), query)
        except TimeoutError as exc:
            raise LegUnavailable(
                f"encoder {space.encoder} did not answer within {self._wait_s:g} s"
                " (it may still be loading): try again"
            ) from exc


def _build(space: Space, settings: EncoderSettings) -> TextEncoder:
    try:
        spec = registry.spec(space.encoder, settings.models_path)
        if spec.identity != space.identity:
            raise LegUnavailable(
                f"the vectors of space {space.space} were made by {space.identity}, but this"
                f" program's {spec.name} is {spec.identity}: run the release that made them, or"
                " embed into a new generation"
            )
        return registry.build(spec, settings.models_path, settings.threads, log.info)
    except EncoderError as exc:
        raise LegUnavailable(str(exc)) from exc
    except LegUnavailable:
        raise
    # Runtimes raise classes of their own; a search must get its other legs all the same.
    except Exception as exc:
        raise LegUnavailable(f"encoder {space.encoder} does not load: {exc}") from exc
