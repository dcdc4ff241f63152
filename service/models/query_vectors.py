"""Query vectors: encodes words, pictures, or both, for a space."""

import asyncio
import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeVar, cast

from db.spaces.rows import Space
from encoders.base import Picture, TextEncoder, TokenVectors, Vectors
from encoders.settings import EncoderSettings
from flows.encoding import Encoder, encode_query, encode_tokens, encoder_of
from flows.errors import LegUnavailable
from service.data.ttl_cache import TtlCache
from service.models.batching import Metrics, QueryBatcher
from service.models.pool import Model, ModelPool

log = logging.getLogger("seogo.service")

R = TypeVar("R")
TextKind = Literal["query", "passage"]

# Batches are sent by programs, which wait longer than people.
BATCH_WAIT_S = 60.0
PART = 8
# Characters of a query that goes in one batch with those of others.
SHORT = 500


class QueryEncoders:
    """The encoders of live spaces. Short texts are batched; pictures, long and many texts are not."""

    def __init__(self, settings: EncoderSettings, *, threads: int, wait_s: float) -> None:
        self._settings = settings
        self._pool = ModelPool("pictures", threads=threads, wait_s=wait_s)
        batches = ModelPool("encode", threads=threads, wait_s=wait_s)
        self._batcher = QueryBatcher(batches, stuck_s=wait_s)
        self._recent: TtlCache[tuple[Space, str], Vectors] = TtlCache(self._encoded, math.inf)
        # One thread is left for queries, where there are two.
        self._bulk = asyncio.Semaphore(max(1, threads - 1))

    def close(self) -> None:
        """Stop the threads; queries that wait are refused."""
        self._batcher.close()
        self._pool.close()

    @property
    def metrics(self) -> Mapping[str, Metrics]:
        """Batching counters of every encoder in use, by identity; read them in the event loop."""
        return self._batcher.metrics

    async def load(self, space: Space) -> Encoder:
        """The encoder of a space, loaded where this is the first time.

        Raises:
            LegUnavailable: it does not load; the text says why and what to do.
        """
        return await self._pool.load(self._model(space))

    async def preload(self, spaces: Iterable[Space]) -> list[Space]:
        """Load the encoders of these spaces; those whose encoder is unavailable, which the log explains."""
        missing = []
        for space in spaces:  # side by side they would need the memory of all builds at once
            try:
                await self.load(space)
            except LegUnavailable:
                missing.append(space)
        return missing

    async def vector(self, space: Space, words: str, picture: Picture | None) -> Vectors:
        """Encode a query for a space: float32 of shape (dim,), unit length.

        In a space of kind multi: the vectors of its tokens, one after the other.

        Short words that were encoded lately for the same generation are not encoded again. What is stored in
        `ops.query_vector` is not asked for: that would be a round trip for each new query.

        Args:
            space: one that takes what the query has, see `flows.search.plan`.
            words: the text of the query, or nothing.
            picture: the picture of the query, or None.

        Raises:
            LegUnavailable: the encoder does not load, failed, is too busy, or took too long.
        """
        if picture is not None and space.modality != "text":
            return await self._pool.run(
                self._model(space), lambda encoder: encode_query(encoder, words, picture)
            )
        async with self._pool.limit(_label(space)):
            if len(words) > SHORT:  # short ones would wait for it: a batch cannot be broken off
                return (await self.batch(space, [words], "query"))[0]
            return await self._recent.get((space, words))

    async def _encoded(self, key: tuple[Space, str]) -> Vectors:
        space, words = key
        encoder = cast("TextEncoder", await self.load(space))
        # A copy: the row would keep its whole batch.
        return (await self._batcher.encode(encoder, words)).copy()

    async def tokens(self, space: Space, words: str) -> TokenVectors:
        """Encode a query token by token for a space of kind multi.

        Raises:
            LegUnavailable: as `vector`.
        """
        async with self._pool.limit(_label(space)):
            return await self._run(space, lambda encoder: encode_tokens(encoder, words))

    async def batch(self, space: Space, texts: Sequence[str], kind: TextKind) -> list[Vectors]:
        """Encode texts: a float32 row of shape (dim,) and unit length for each, in their order.

        Queries of a space of kind multi have a row of their tokens' vectors, one after the other.

        Args:
            space: one of texts, or of texts and pictures.
            texts: at least one.
            kind: many models encode queries and passages differently.

        Raises:
            LegUnavailable: the encoder does not load, failed, or took too long.
        """
        parts = [texts[at : at + PART] for at in range(0, len(texts), PART)]
        async with self._bulk:
            # In parts: between them others have a turn, and the work ends soon after a client left.
            rows = [await self._run(space, partial(_encode_texts, part, kind)) for part in parts]
        return [row for part in rows for row in part]

    async def token_count(self, space: Space, texts: Sequence[str], kind: TextKind) -> int:
        """Count the tokens that encoding the texts takes; arguments and errors as `batch`."""
        return await self._run(space, partial(_count_tokens, texts, kind))

    async def _run(self, space: Space, work: Callable[[Any], R]) -> R:
        return await self._pool.run(self._model(space), work, wait_s=BATCH_WAIT_S)

    def _model(self, space: Space) -> Model[Encoder]:
        build = partial(encoder_of, space, self._settings, log.info)
        return Model(space.identity, _label(space), build)


def _label(space: Space) -> str:
    return f"encoder {space.encoder}"


def _encode_texts(texts: Sequence[str], kind: TextKind, encoder: TextEncoder) -> Sequence[Vectors]:
    return list(
        encoder.encode_queries(texts) if kind == "query" else encoder.encode_passages(texts)
    )


def _count_tokens(texts: Sequence[str], kind: TextKind, encoder: TextEncoder) -> int:
    spec = encoder.spec
    template = spec.query_template if kind == "query" else spec.passage_template
    return encoder.token_count(texts, template)
