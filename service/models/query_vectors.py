"""The vector of a query in a space: of its words, of the picture it shows, or of both."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Literal, TypeVar, cast

import numpy as np

from db.rows import Space
from encoders import registry
from encoders.base import ImageEncoder, Item, MultimodalEncoder, Picture, TextEncoder, Vectors
from encoders.errors import EncoderError
from encoders.settings import EncoderSettings
from flows.errors import LegUnavailable
from service.http.presence import finished
from service.models.encoding import Encoders
from service.models.loading import Loader

log = logging.getLogger("seogo.service")

R = TypeVar("R")
TextKind = Literal["query", "passage"]

# Batches are asked for by programs, which wait longer than people.
BATCH_WAIT_S = 60.0
PART = 8
# Characters of a query that goes in one batch with those of others.
SHORT = 500


class QueryEncoders:
    """Words go to `texts`, in batches with those of others; pictures and bulk one by one. One loop's."""

    def __init__(
        self, settings: EncoderSettings, texts: Encoders, *, threads: int, wait_s: float
    ) -> None:
        self.texts = texts
        self._settings = settings
        self._wait_s = wait_s
        self._pictures: Loader[ImageEncoder] = Loader()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="seogo-pictures")
        # One thread is left for queries, where there are two.
        self._bulk = asyncio.Semaphore(max(1, threads - 1))

    def close(self) -> None:
        """Stop the threads; what waits is refused."""
        self.texts.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def load(self, space: Space) -> TextEncoder | ImageEncoder:
        """The encoder of a space, built when this is the first time.

        Raises:
            LegUnavailable: it cannot be had; the text says why and what to do.
        """
        if space.modality == "image":
            return await self._pictures.get(space.identity, partial(_build, space, self._settings))
        return await self.texts.load(space)

    async def preload(self, spaces: Iterable[Space]) -> None:
        """Load encoders one after the other; the log names those that cannot be had."""
        for space in spaces:  # side by side they would need the memory of all builds at once
            try:
                await self.load(space)
            except LegUnavailable:
                continue

    async def vector(self, space: Space, words: str, picture: Picture | None) -> Vectors:
        """Encode a query for a space: float32 of shape (dim,), unit length.

        Args:
            space: one that takes what the query has, see `takes`.
            words: the text of the query, or nothing.
            picture: the picture of the query, or None.

        Raises:
            LegUnavailable: the encoder cannot be had, failed, or took too long.
        """
        if picture is None or space.modality == "text":
            if len(words) > SHORT:  # short ones would wait for it: a batch cannot be broken off
                return await self._long(space, words)
            return await self.texts.query_vector(space, words)
        return await self._within(self._wait_s, space, _encode, space, words, picture)

    async def batch(self, space: Space, texts: Sequence[str], kind: TextKind) -> Vectors:
        """Encode texts: float32 of shape (len(texts), dim), rows of unit length, in their order.

        Args:
            space: one of texts, or of texts and pictures.
            texts: at least one.
            kind: many models encode what is searched for and what is found differently.

        Raises:
            LegUnavailable: the encoder cannot be had, failed, or took too long.
        """
        parts = [texts[at : at + PART] for at in range(0, len(texts), PART)]
        async with self._bulk:
            # In parts: between them others have a turn, and nothing goes on for who has left.
            rows = [
                await self._within(BATCH_WAIT_S, space, _encode_texts, part, kind) for part in parts
            ]
        return np.concatenate(rows)

    async def _long(self, space: Space, words: str) -> Vectors:
        try:
            async with asyncio.timeout(self._wait_s):
                return cast("Vectors", (await self.batch(space, [words], "query"))[0])
        except TimeoutError as exc:
            raise LegUnavailable(
                f"encoder {space.encoder} did not answer within {self._wait_s:g} s: try again"
            ) from exc

    async def token_count(self, space: Space, texts: Sequence[str], kind: TextKind) -> int:
        """Count the tokens that encoding the texts takes; arguments and errors as `batch`."""
        return await self._within(BATCH_WAIT_S, space, _count_tokens, texts, kind)

    async def _within(self, seconds: float, space: Space, work: Callable[..., R], *args: Any) -> R:
        try:
            async with asyncio.timeout(seconds):
                return await self._run(space, work, await self.load(space), *args)
        except TimeoutError as exc:
            raise LegUnavailable(
                f"encoder {space.encoder} did not answer within {seconds:g} s"
                " (it may still be loading): try again"
            ) from exc

    async def _run(self, space: Space, work: Callable[..., R], *args: Any) -> R:
        loop = asyncio.get_running_loop()
        try:
            return await finished(loop.run_in_executor(self._threads, work, *args))
        # Runtimes raise classes of their own; a search must get its other legs all the same.
        except Exception as exc:
            log.warning("encoder %s failed: %s", space.encoder, type(exc).__name__)
            raise LegUnavailable(f"encoder {space.encoder} failed ({type(exc).__name__})") from exc


def _encode(encoder: Any, space: Space, words: str, picture: Picture) -> Vectors:
    rows: Vectors
    if space.modality == "image":
        rows = cast("ImageEncoder", encoder).encode_images([picture])
    else:
        rows = cast("MultimodalEncoder", encoder).encode_items([Item(words, (picture,))])
    return cast("Vectors", rows[0])


def _encode_texts(encoder: TextEncoder, texts: Sequence[str], kind: TextKind) -> Vectors:
    return encoder.encode_queries(texts) if kind == "query" else encoder.encode_passages(texts)


def _count_tokens(encoder: TextEncoder, texts: Sequence[str], kind: TextKind) -> int:
    spec = encoder.spec
    template = spec.query_template if kind == "query" else spec.passage_template
    return encoder.token_count(texts, template)


def _build(space: Space, settings: EncoderSettings) -> ImageEncoder:
    try:
        spec = registry.spec(space.encoder, settings.models_path)
        if spec.identity != space.identity:
            raise LegUnavailable(
                f"the vectors of space {space.space} were made by {space.identity}, but this"
                f" program's {spec.name} is {spec.identity}: run the release that made them, or"
                " embed into a new generation"
            )
        return registry.build_images(spec, settings.models_path, settings.threads, log.info)
    except LegUnavailable:
        raise
    except EncoderError as exc:
        raise LegUnavailable(str(exc)) from exc
    except Exception as exc:  # as above
        raise LegUnavailable(f"encoder {space.encoder} does not load: {exc}") from exc
