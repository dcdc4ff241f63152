"""What the SQL tests say in one line: collections, items, vectors, rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.operations import readings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg
    from numpy.typing import NDArray

    Conn = psycopg.Connection[Any]
    Floats = NDArray[np.float32]


def make_collection(db: Conn, name: str = "parts", **settings: Any) -> int:
    """Call `ops.create_collection`; settings are its arguments."""
    args = {
        "analyzer": "simple",
        "field_weights": {},
        "identifier_fields": [],
        "vector_sources": {},
        "picture_readers": {},
    } | settings
    row = db.execute(
        "SELECT ops.create_collection(%s, %s, %s, %s, %s, %s)",
        (
            name,
            args["analyzer"],
            Jsonb(args["field_weights"]),
            args["identifier_fields"],
            Jsonb(args["vector_sources"]),
            Jsonb(args["picture_readers"]),
        ),
    ).fetchone()
    assert row is not None
    return int(row[0])


def put(
    db: Conn,
    items: Mapping[str, Mapping[str, str]],
    collection: str = "parts",
    metadata: Mapping[str, Any] | None = None,
) -> dict[str, int]:
    """Upsert items given as external id -> fields; returns external id -> item id."""
    rows = [
        {"external_id": key, "fields": dict(fields), "metadata": (metadata or {}).get(key, {})}
        for key, fields in items.items()
    ]
    return {
        key: item_id
        for key, item_id, _ in db.execute(
            "SELECT * FROM ops.upsert_items(%s, %s)", (collection, Jsonb(rows))
        )
    }


def unit(rng: np.random.Generator, n: int, dim: int = 32) -> Floats:
    """Random unit vectors of shape (n, dim), as `halfvec` keeps them."""
    vecs = rng.normal(size=(n, dim))
    vecs /= np.linalg.norm(vecs, axis=1, keepdims=True)
    return vecs.astype(np.float16).astype(np.float32)


def text_of(vec: NDArray[np.floating]) -> str:
    """Write a vector in pgvector's text form."""
    return "[" + ",".join(map(repr, vec.tolist())) + "]"


def put_vectors(
    db: Conn, space_id: int, rows: Sequence[tuple[int, str, int]], vecs: Floats
) -> None:
    """Store vectors for (item id, source, part number) as they are, as the embed job would."""
    with db.cursor() as cur:
        copying = (
            "COPY core.embedding (item_id, space_id, source, part_no, vec, content_hash) FROM STDIN"
        )
        with cur.copy(copying) as copy:
            for (item_id, source, part_no), vec in zip(rows, vecs, strict=True):
                hash_of_nothing = "d41d8cd9-8f00-b204-e980-0998ecf8427e"
                copy.write_row((item_id, space_id, source, part_no, text_of(vec), hash_of_nothing))


def put_picture(db: Conn, content: bytes) -> int:
    """Store what the database takes for a picture; returns its id."""
    return fetch(db, readings.store_picture(decoded(content)))[0].id


def decoded(content: bytes) -> readings.Decoded:
    """Pretend that a decoder has seen these bytes, which may be any."""
    return readings.Decoded(
        data=content, media_type="image/png", width=4, height=3, thumbnail=b"small"
    )


def show(db: Conn, item_id: int, *picture_ids: int, role: str = "photo") -> int:
    """Make these the pictures of an item; returns how many rows changed."""
    media = [
        readings.MediaRow(role=role, position=at, name=f"{one}.png", picture_id=one)
        for at, one in enumerate(picture_ids)
    ]
    return fetch(db, readings.set_media(item_id=item_id, media=media))[0].n


def claim(
    db: Conn, kind: readings.Kind = "ocr", n: int = 100
) -> dict[int, readings.ClaimedReading]:
    """Claim pictures to be read; picture id -> claim."""
    claimed = fetch(db, readings.claim_readings(kind=kind, batch_n=n))
    return {one.picture_id: one for one in claimed}


def line(text: str, confidence: float = 0.9, no: int = 1) -> readings.OcrRow:
    """Make a line as OCR gives it."""
    return readings.OcrRow(
        line_no=no,
        box=[0.0, 0.0, 9.0, 0.0, 9.0, 5.0, 0.0, 5.0],
        text=text,
        normalized=text,
        confidence=confidence,
        group_no=1,
        engine="test@1",
    )


def keep(
    db: Conn,
    claimed: readings.ClaimedReading,
    *lines: readings.OcrRow | str,
    identifiers: Sequence[readings.IdentifierRow] = (),
) -> bool:
    """Store what was read in a claimed picture."""
    rows = [
        line(one, no=at) if isinstance(one, str) else one for at, one in enumerate(lines, start=1)
    ]
    found = readings.store_ocr(
        claimed, reader="test@1", lines=rows, identifiers=identifiers, notes=[]
    )
    return fetch(db, found)[0].done


def column(db: Conn, statement: Any, params: Any = None) -> list[Any]:
    """Fetch the first column."""
    return [row[0] for row in db.execute(statement, params)]


def found(db: Conn, query: str, collection: str = "parts", **more: Any) -> list[str]:
    """External ids that `search.lexical` finds, best first."""
    return column(
        db,
        "SELECT i.external_id FROM search.lexical(%s, %s, %s, %s) AS h"
        " JOIN core.item AS i ON i.id = h.item_id ORDER BY h.rank",
        (collection, query, more.get("k", 100), more.get("filter")),
    )


def queued(db: Conn) -> list[str]:
    """External ids in the outbox."""
    return column(
        db,
        "SELECT i.external_id FROM ops.outbox AS o JOIN core.item AS i ON i.id = o.item_id"
        " ORDER BY i.external_id",
    )
