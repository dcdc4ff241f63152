"""Query vectors: encodes words, pictures, or both, for a space."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeVar, cast

import numpy as np

from db.rows import Space
from encoders import registry
from encoders.base import Content, ImageEncoder, MultimodalEncoder, Picture, TextEncoder, Vectors
from encoders.settings import EncoderSettings
from service.errors import LegUnavailable
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
        # One thread is left for queries, where there are two.
        self._bulk = asyncio.Semaphore(max(1, threads - 1))

    async def aclose(self) -> None:
        """Stop the threads; queries that wait are refused."""
        await self._batcher.aclose()
        await self._pool.aclose()

    @property
    def metrics(self) -> Mapping[str, Metrics]:
        """Batching counters of every encoder in use, by identity; read them in the event loop."""
        return self._batcher.metrics

    async def load(self, space: Space) -> TextEncoder | ImageEncoder:
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

        Args:
            space: one that takes what the query has, see `takes`.
            words: the text of the query, or nothing.
            picture: the picture of the query, or None.

        Raises:
            LegUnavailable: the encoder does not load, failed, is too busy, or took too long.
        """
        if picture is not None and space.modality != "text":
            item = Content(words, (picture,))
            return await self._pool.run(self._model(space), partial(_encode, space, item))
        async with self._pool.limit(_label(space)):
            if len(words) > SHORT:  # short ones would wait for it: a batch cannot be broken off
                return cast("Vectors", (await self.batch(space, [words], "query"))[0])
            return await self._batcher.encode(cast("TextEncoder", await self.load(space)), words)

    async def batch(self, space: Space, texts: Sequence[str], kind: TextKind) -> Vectors:
        """Encode texts: float32 of shape (len(texts), dim), rows of unit length, in their order.

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
        return np.concatenate(rows)

    async def token_count(self, space: Space, texts: Sequence[str], kind: TextKind) -> int:
        """Count the tokens that encoding the texts takes; arguments and errors as `batch`."""
        return await self._run(space, partial(_count_tokens, texts, kind))

    async def _run(self, space: Space, work: Callable[[Any], R]) -> R:
        return await self._pool.run(self._model(space), work, wait_s=BATCH_WAIT_S)

    def _model(self, space: Space) -> Model[TextEncoder | ImageEncoder]:
        return Model(space.identity, _label(space), partial(_build, space, self._settings))


def takes(space: Space, words: str, picture: Picture | None) -> bool:
    """Whether a space can be asked with what a query has.

    Words cannot be compared in a space of pictures, nor pictures in one of texts.
    """
    match space.modality:
        case "text":
            return bool(words)
        case "image":
            return picture is not None
        case "multimodal":
            return bool(words) or picture is not None


def _label(space: Space) -> str:
    return f"encoder {space.encoder}"


def _encode(space: Space, item: Content, encoder: Any) -> Vectors:
    rows: Vectors
    if space.modality == "image":
        rows = cast("ImageEncoder", encoder).encode_images(item.images)
    else:
        rows = cast("MultimodalEncoder", encoder).encode_items([item])
    return cast("Vectors", rows[0])


def _encode_texts(texts: Sequence[str], kind: TextKind, encoder: TextEncoder) -> Vectors:
    return encoder.encode_queries(texts) if kind == "query" else encoder.encode_passages(texts)


def _count_tokens(texts: Sequence[str], kind: TextKind, encoder: TextEncoder) -> int:
    spec = encoder.spec
    template = spec.query_template if kind == "query" else spec.passage_template
    return encoder.token_count(texts, template)


def _build(space: Space, settings: EncoderSettings) -> TextEncoder | ImageEncoder:
    spec = registry.spec(space.encoder, settings.models_path)
    if spec.identity != space.identity:
        raise LegUnavailable(
            f"the vectors of space {space.space} were made by {space.identity}, but this"
            f" program's {spec.name} is {spec.identity}: run the release that made them, or"
            " embed into a new generation"
        )
    build = registry.build_images if space.modality == "image" else registry.build
    return build(spec, settings.models_path, settings.threads, log.info)
