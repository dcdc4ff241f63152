"""A query made into legs: its words, the numbers read in its picture, and the vectors of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from db.calls.query import fetch
from db.items.items import picture_readers
from db.rows import HybridHit, Leg
from db.search import functions
from db.search.legs import vector_text
from db.spaces import embedding
from encoders.base import Content, ImageEncoder, MultimodalEncoder, TextEncoder
from encoders.errors import EncoderError
from encoders.ocr.settings import OcrOptions
from encoders.pictures import decoding
from encoders.rerank import rerankers
from encoders.text.rendering import clean
from jobs.embed import EncoderChanged, encoder_of
from jobs.errors import JobError
from jobs.rerank import apply
from jobs.stages import reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

    from db.evaluation.tuning import Reranker
    from db.rows import Space
    from encoders.base import Picture, Vectors
    from encoders.settings import EncoderSettings
    from jobs.content import Encoder


class NothingToSearch(JobError):
    """No leg of the collection can answer such a query."""


class Answer(NamedTuple):
    """What a query found.

    `degraded`: why a leg was left out, the picture not read, or nothing reranked; `numbers`: part and
    serial numbers that were read in the picture and searched for, the likeliest first.
    """

    hits: list[HybridHit]
    degraded: list[str]
    numbers: list[str]


def run(
    conn: psycopg.Connection[Any],
    settings: EncoderSettings,
    *,
    collection: str,
    query: str = "",
    picture: Path | None = None,
    k: int = 10,
    filter: str | None = None,
) -> Answer:
    """Hybrid search with every leg the collection has for such a query.

    Where the collection has its pictures read (OCR), so is the query's; where a reranker has proven its
    worth on the collection, it has the last word.

    Raises:
        PictureInvalid: the file is no picture.
        NothingToSearch: the query has no words, and its picture, if any, no leg.
    """
    query = clean(query)  # an argument that is not UTF-8 has surrogates in it
    shown = None if picture is None else decoding.decode(picture.read_bytes())
    degraded: list[str] = []
    numbers = [] if shown is None else _numbers(conn, collection, shown, degraded)
    text = " ".join([query, *numbers])
    legs: list[Leg] = list(functions.DEFAULT_LEGS) if text.strip() else []
    legs += _vector_legs(conn, settings, collection, query, shown, degraded)
    if not legs:
        raise NothingToSearch(
            "nothing can be searched with this query" + "".join(f"; {why}" for why in degraded),
            "give some words, or a picture to a collection that has a space of pictures",
        )
    used = apply.setting(conn, collection) if query.strip() else None
    depth = k if used is None else max(k, used.top_n)
    found = functions.hybrid(collection=collection, query=text, legs=legs, k=depth, filter=filter)
    hits = fetch(conn, found)
    if used is not None:
        hits = _reranked(conn, settings, collection, used, query, hits, degraded)
    return Answer(hits[:k], degraded, numbers)


def _vector_legs(
    conn: psycopg.Connection[Any],
    settings: EncoderSettings,
    collection: str,
    query: str,
    shown: Picture | None,
    degraded: list[str],
) -> Iterator[Leg]:
    for space in fetch(conn, embedding.live_spaces(collection=collection)):
        try:
            vec = _vector(space, settings, query, shown)
        except (EncoderError, EncoderChanged) as exc:
            degraded.append(f"leg {space.space} left out: {exc}")
            continue
        if vec is not None:
            # Pinned to the generation it was encoded for: another one may be live by now.
            text = vector_text(vec)
            yield Leg(kind="vector", space=space.pinned, name=space.space, vec=text)


def _reranked(
    conn: psycopg.Connection[Any],
    settings: EncoderSettings,
    collection: str,
    used: Reranker,
    query: str,
    hits: list[HybridHit],
    degraded: list[str],
) -> list[HybridHit]:
    """The hits as the collection's reranker orders them, or as they are where it cannot be had."""
    folder = settings.models_path
    try:
        model = rerankers.build(rerankers.spec(used.model, folder), folder, settings.threads)
        return apply.reordered(conn, collection, used, model, query, hits)
    except EncoderError as exc:
        degraded.append(f"not reranked: {exc}")
        return hits


def _numbers(
    conn: psycopg.Connection[Any], collection: str, shown: Picture, degraded: list[str]
) -> list[str]:
    """Part and serial numbers in the query's picture; none where the collection does not read its own."""
    (readers,) = fetch(conn, picture_readers(collection=collection))
    engine = readers.picture_readers.get("ocr")
    if engine is None:
        return []
    try:
        return reading.numbers_in(shown, engine, OcrOptions())
    except EncoderError as exc:
        degraded.append(f"the picture was not read: {exc}")
        return []


def _vector(
    space: Space, settings: EncoderSettings, query: str, shown: Picture | None
) -> Vectors | None:
    """The query's vector in a space; None where the space is for what the query has not."""
    words = query if query.strip() else ""
    if (space.modality == "image" and shown is None) or (space.modality == "text" and not words):
        return None
    return encoded(encoder_of(space, settings), words, shown)


def encoded(encoder: Encoder, words: str, shown: Picture | None) -> Vectors:
    """Encode a query as the encoder's modality asks for: float32 of shape (dim,)."""
    vectors: Vectors
    if encoder.spec.modality == "image" and shown is not None:
        vectors = cast("ImageEncoder", encoder).encode_images([shown])
    elif encoder.spec.modality == "multimodal" and shown is not None:
        vectors = cast("MultimodalEncoder", encoder).encode_items([Content(words, (shown,))])
    else:
        vectors = cast("TextEncoder", encoder).encode_queries([words])
    first: Vectors = vectors[0]
    return first
