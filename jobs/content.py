"""Encoding of claimed outbox rows: texts, pictures, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, assert_never, cast

from db.calls.query import fetch
from db.spaces import embedding
from db.spaces.embedding import Encoded
from encoders.base import (
    Content,
    ImageEncoder,
    MultimodalEncoder,
    MultiVectorEncoder,
    SparseEncoder,
    TextEncoder,
    TokenVectors,
    TokenWeights,
)
from encoders.multi import rows as rows_of_tokens
from encoders.pictures import decoding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.spaces.rows import Claimed
    from encoders.base import Picture, Vectors, Window
    from flows.encoding import Encoder
    from jobs.types import Conn

T = TypeVar("T")

# Decoded pictures in memory at the same time: one of 12 megapixels takes 36 MB.
AT_ONCE = 8


def encode(conn: Conn, encoder: Encoder, rows: Sequence[Claimed]) -> list[Encoded]:
    """Encode sources of items; the connection reads the bytes of their pictures.

    A text space has a vector per window of a text, of kind multi the tokens' as well, of kind sparse
    weights of tokens; an image space
    one per picture, a multimodal space one per source.

    Raises:
        PictureInvalid: a stored picture cannot be pictures.
        ValueError: the encoder refuses one of them.
        RuntimeError: the encoder failed.
    """
    given = [row for row in rows if row.source is not None]
    match encoder.spec.modality:
        case "text":
            return _texts(encoder, given)  # type: ignore[arg-type]
        case "image":
            return _pictures(conn, encoder, given)  # type: ignore[arg-type]
        case "multimodal":
            return _items(conn, encoder, given)  # type: ignore[arg-type]
        case _:
            assert_never(encoder.spec.modality)


def _texts(encoder: TextEncoder, rows: Sequence[Claimed]) -> list[Encoded]:
    pieces: list[tuple[Claimed, int, Window, bool]] = []
    for row in rows:
        windows = encoder.windows(row.content or "")
        pieces += [(row, at, window, len(windows) > 1) for at, window in enumerate(windows)]
    texts = [window.text for _, _, window, _ in pieces]
    if encoder.spec.kind == "multi":
        found = cast("MultiVectorEncoder", encoder).passage_tokens(texts)
        return [
            _encoded(
                row,
                at,
                rows_of_tokens.mean_row(one.vectors)[0],
                window if cut else None,
                _placed(one, window),
            )
            for (row, at, window, cut), one in zip(pieces, found, strict=True)
        ]
    if encoder.spec.kind == "sparse":
        weighed = cast("SparseEncoder", encoder).passage_weights(texts)
        return [
            _encoded(row, at, None, window if cut else None, weights=one, dim=encoder.spec.dim)
            for (row, at, window, cut), one in zip(pieces, weighed, strict=True)
        ]
    vectors = encoder.encode_passages(texts)
    return [
        _encoded(row, at, vec, window if cut else None)
        for (row, at, window, cut), vec in zip(pieces, vectors, strict=True)
    ]


def _pictures(conn: Conn, encoder: ImageEncoder, rows: Sequence[Claimed]) -> list[Encoded]:
    sources = [(row, at, one) for row in rows for at, one in enumerate(row.pictures or ())]
    found = []
    for part in _parts(sources):
        pictures = _decoded(conn, [one for _, _, one in part])
        vectors = encoder.encode_images([pictures[one] for _, _, one in part])
        found += [_encoded(row, at, vec) for (row, at, _), vec in zip(part, vectors, strict=True)]
    return found


def _items(conn: Conn, encoder: MultimodalEncoder, rows: Sequence[Claimed]) -> list[Encoded]:
    found = []
    for part in _parts(rows):
        pictures = _decoded(conn, [one for row in part for one in row.pictures or ()])
        items = [
            Content(row.content or "", tuple(pictures[one] for one in row.pictures or ()))
            for row in part
        ]
        vectors = encoder.encode_items(items)
        found += [_encoded(row, 0, vec) for row, vec in zip(part, vectors, strict=True)]
    return found


def _placed(tokens: TokenVectors, window: Window) -> TokenVectors:
    """The tokens of a window, with the places of their words in the whole text."""
    start = window.start
    spans = [tuple((a + start, b + start) for a, b in places) for places in tokens.spans]
    return TokenVectors(tokens.vectors, spans)


def _encoded(
    row: Claimed,
    part_no: int,
    vec: Vectors | None,
    window: Window | None = None,
    tokens: TokenVectors | None = None,
    weights: TokenWeights | None = None,
    dim: int = 0,
) -> Encoded:
    return Encoded(
        item_id=row.item_id,
        source=row.source,
        part_no=part_no,
        vec=vec,
        content_hash=row.content_hash,
        start=window and window.start,
        stop=window and window.stop,
        tokens=tokens and tokens.vectors,
        spans=tokens and tokens.spans,
        token_weights=weights,
        dim=dim,
    )


def _parts(rows: Sequence[T]) -> list[Sequence[T]]:
    return [rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE)]


def _decoded(conn: Conn, ids: Sequence[int]) -> dict[int, Picture]:
    return {
        row.id: decoding.decode(row.bytes)
        for one in sorted(set(ids))  # one by one: their files need not all be in memory as well
        for row in fetch(conn, embedding.pictures(ids=[one]))
    }
