"""Vectors of what was claimed from the outbox: texts, pictures, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

from db import ops
from db.query import fetch
from encoders import pictures
from encoders.base import ImageEncoder, Item, MultimodalEncoder, TextEncoder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg

    from db.rows import Claimed
    from encoders.base import Picture, Window

Encoder: TypeAlias = TextEncoder | ImageEncoder | MultimodalEncoder


def encode(
    conn: psycopg.Connection[Any], encoder: Encoder, rows: Sequence[Claimed]
) -> list[ops.Encoded]:
    """Encode sources of items; the connection is for the bytes of their pictures.

    A text space has a vector per window of a text, an image space one per picture, a multimodal
    space one per source.

    Raises:
        PictureInvalid: a stored picture cannot be decoded.
        ValueError: the encoder refuses one of them.
        RuntimeError: the encoder failed.
    """
    given = [row for row in rows if row.source is not None]
    match encoder.spec.modality:
        case "text":
            return _texts(encoder, given)  # type: ignore[arg-type]
        case "image":
            return _pictures(encoder, given, _decoded(conn, given))  # type: ignore[arg-type]
        case "multimodal":
            return _items(encoder, given, _decoded(conn, given))  # type: ignore[arg-type]
        case _:
            assert_never(encoder.spec.modality)


def _texts(encoder: TextEncoder, rows: Sequence[Claimed]) -> list[ops.Encoded]:
    pieces: list[tuple[Claimed, int, Window, bool]] = []
    for row in rows:
        windows = encoder.windows(row.content or "")
        pieces += [(row, at, window, len(windows) > 1) for at, window in enumerate(windows)]
    vectors = encoder.encode_passages([window.text for _, _, window, _ in pieces])
    return [
        ops.Encoded(
            item_id=row.item_id,
            source=row.source,
            part_no=at,
            vec=vec,
            content_hash=row.content_hash,
            start=window.start if cut else None,
            stop=window.stop if cut else None,
        )
        for (row, at, window, cut), vec in zip(pieces, vectors, strict=True)
    ]


def _pictures(
    encoder: ImageEncoder, rows: Sequence[Claimed], decoded: Mapping[int, Picture]
) -> list[ops.Encoded]:
    shown = [(row, at, one) for row in rows for at, one in enumerate(row.pictures or ())]
    vectors = encoder.encode_images([decoded[one] for _, _, one in shown])
    return [
        ops.Encoded(
            item_id=row.item_id,
            source=row.source,
            part_no=at,
            vec=vec,
            content_hash=row.content_hash,
        )
        for (row, at, _), vec in zip(shown, vectors, strict=True)
    ]


def _items(
    encoder: MultimodalEncoder, rows: Sequence[Claimed], decoded: Mapping[int, Picture]
) -> list[ops.Encoded]:
    items = [Item(row.content or "", tuple(decoded[p] for p in row.pictures or ())) for row in rows]
    return [
        ops.Encoded(
            item_id=row.item_id,
            source=row.source,
            part_no=0,
            vec=vec,
            content_hash=row.content_hash,
        )
        for row, vec in zip(rows, encoder.encode_items(items), strict=True)
    ]


def _decoded(conn: psycopg.Connection[Any], rows: Sequence[Claimed]) -> dict[int, Picture]:
    ids = sorted({one for row in rows for one in row.pictures or ()})
    found: dict[int, Picture] = {}
    for id_ in ids:  # one by one: a batch of large files would not fit into memory twice
        for row in fetch(conn, ops.pictures(ids=[id_])):
            found[row.id] = pictures.decode(row.bytes)
    return found
