"""Wrappers of spaces and of the embedding outbox."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
from pgvector import HalfVector

from db.calls.query import Count, Query
from db.errors import translated
from db.rows import Claimed, Coverage, MissingSpace, PictureBytes, Space
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import numpy as np
    import psycopg
    from numpy.typing import NDArray


RELEASE_S = 5.0
RELEASE_LOOK_S = 0.05


class _Name(msgspec.Struct, frozen=True):
    name: str


class _Text(msgspec.Struct, frozen=True):
    text: str


class _Progress(msgspec.Struct, frozen=True):
    phase: str
    done: int
    total: int


class Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """A vector to store: float32 of shape (dim,); start/stop in characters where the text was cut."""

    item_id: int
    source: str | None
    part_no: int
    vec: NDArray[np.float32]
    content_hash: UUID | None
    start: int | None = None
    stop: int | None = None


def live_spaces(*, collection: str | None = None) -> Query[Space]:
    """Live spaces, all or those that a collection feeds."""
    return Query(
        "SELECT space_id, space, generation, status, encoder, identity, dim, modality, indexed"
        " FROM search.spaces AS s"
        " WHERE status = 'live' AND (%(collection)s::text IS NULL OR EXISTS (SELECT FROM"
        " search.collections AS c WHERE c.collection = %(collection)s AND c.vector_sources ? s.space))"
        " ORDER BY space",
        {"collection": collection},
        Space,
        reads=True,
    )


def active_spaces() -> Query[Space]:
    """Spaces that workers keep fresh: the live ones, then those being built."""
    return Query(
        "SELECT space_id, space, generation, status, encoder, identity, dim, modality, indexed"
        " FROM search.spaces WHERE status <> 'retired' ORDER BY status = 'building', space",
        {},
        Space,
    )


def missing_spaces() -> Query[MissingSpace]:
    """Spaces that collections feed but that do not exist yet, with what they are fed."""
    return Query(statements("embed")["missing_spaces"], {}, MissingSpace)


def create_space(
    *, name: str, encoder: str, identity: str, dim: int, modality: str
) -> Query[Count]:
    """`ops.create_space`; returns the new id."""
    return Query(
        "SELECT ops.create_space(%(name)s, %(encoder)s, %(identity)s, %(dim)s, %(modality)s) AS n",
        {
            "name": name,
            "encoder": encoder,
            "identity": identity,
            "dim": dim,
            "modality": modality,
        },
        Count,
    )


def pictures(*, ids: Sequence[int]) -> Query[PictureBytes]:
    """Bytes of stored pictures."""
    return Query(
        "SELECT id, bytes FROM core.picture WHERE id = ANY (%(ids)s)",
        {"ids": list(ids)},
        PictureBytes,
    )


def coverage() -> Query[Coverage]:
    """The view `search.coverage`."""
    return Query(
        "SELECT * FROM search.coverage ORDER BY collection, space, generation", {}, Coverage
    )


def due(*, space_id: int) -> Query[Count]:
    """How many items of a space wait and could be claimed now."""
    return Query(
        "SELECT count(*) AS n FROM ops.outbox WHERE space_id = %(space_id)s"
        " AND next_attempt_at <= now() AND (lease_until IS NULL OR lease_until < now()"
        " OR lease_by <> ALL ((SELECT impl.live_workers())::int[]))",
        {"space_id": space_id},
        Count,
    )


def unfinished(*, space_id: int) -> Query[Count]:
    """How many items of a space wait or are being encoded; not those that are to be tried again later."""
    return Query(
        "SELECT count(*) AS n FROM ops.outbox WHERE space_id = %(space_id)s"
        " AND (next_attempt_at <= now() OR lease_until > now())",
        {"space_id": space_id},
        Count,
    )


def index_statement(*, space_id: int) -> Query[_Name]:
    """The CREATE INDEX CONCURRENTLY of a space, to be run outside a transaction."""
    return Query(
        "SELECT impl.space_index_statement(%(space_id)s, true) AS name",
        {"space_id": space_id},
        _Name,
    )


def index_progress() -> Query[_Progress]:
    """How far index builds on vectors are: phase, tuples done and to do."""
    return Query(
        "SELECT phase, tuples_done AS done, tuples_total AS total"
        " FROM pg_stat_progress_create_index WHERE relid::regclass::text LIKE 'core.embedding_%%'",
        {},
        _Progress,
    )


def drop_invalid_index(*, space_id: int) -> Query[Count]:
    """What a build that was stopped left behind, removed: such an index is never used."""
    return Query("SELECT impl.drop_invalid_index(%(space_id)s) AS n", {"space_id": space_id}, Count)


def waiting_queries(*, space_id: int, batch_n: int = 64) -> Query[_Text]:
    """Query texts whose vector was asked for and is not there yet."""
    return Query(
        "SELECT query AS text FROM ops.query_vector WHERE space_id = %(space_id)s AND vec IS NULL"
        " AND error IS NULL ORDER BY asked_at LIMIT %(batch_n)s",
        {"space_id": space_id, "batch_n": batch_n},
        _Text,
    )


def keep_query_vector(*, space_id: int, query: str, vec: NDArray[np.float32]) -> Query[Count]:
    """Store the vector of a query text, float32 of shape (dim,)."""
    return Query(
        "INSERT INTO ops.query_vector AS v (space_id, query_hash, query, vec, encoded_at)"
        " VALUES (%(space_id)s, impl.query_hash(%(query)s), btrim(%(query)s), %(vec)s, now())"
        " ON CONFLICT (space_id, query_hash) DO UPDATE SET vec = excluded.vec, encoded_at = now(),"
        " error = NULL RETURNING 1 AS n",
        {"space_id": space_id, "query": query, "vec": HalfVector(vec)},
        Count,
    )


def refuse_query(*, space_id: int, query: str, error: str) -> Query[Count]:
    """Record why a query text cannot be encoded."""
    return Query(
        "UPDATE ops.query_vector SET error = %(error)s WHERE space_id = %(space_id)s"
        " AND query_hash = impl.query_hash(%(query)s) RETURNING 1 AS n",
        {"space_id": space_id, "query": query, "error": error},
        Count,
    )


def claim_batch(*, space_id: int, batch_n: int) -> Query[Claimed]:
    """`ops.claim_batch`."""
    return Query(
        "SELECT * FROM ops.claim_batch(%(space_id)s, %(batch_n)s)",
        {"space_id": space_id, "batch_n": batch_n},
        Claimed,
    )


def store(
    conn: psycopg.Connection[Any],
    *,
    space_id: int,
    claims: dict[int, datetime],
    vectors: Sequence[Encoded],
    kept: Sequence[tuple[int, str]] = (),
) -> int:
    """Replace the vectors of claimed items, in one transaction, where nothing changed meanwhile.

    Args:
        conn: an autocommit connection with pgvector's types registered.
        space_id: the space.
        claims: item id -> `enqueued_at` as claimed.
        vectors: new vectors of those items.
        kept: item id and source of vectors that stay; all others those items had go.

    Returns:
        Number of items stored. Items changed since the claim stay queued, deleted ones are gone.
    """
    sql = statements("embed")
    with translated(), conn.transaction(), conn.cursor() as cur:
        cur.execute(sql["incoming"])
        with cur.copy(sql["copy"]) as copy:
            copy.set_types(["int8", "text", "int4", "int4", "int4", "halfvec", "uuid"])
            for v in vectors:
                vec = HalfVector(v.vec)
                copy.write_row(
                    (v.item_id, v.source, v.part_no, v.start, v.stop, vec, v.content_hash)
                )
        seen = {"item_ids": list(claims), "enqueued": list(claims.values()), "space_id": space_id}
        unchanged = [row[0] for row in cur.execute(sql["unchanged"], seen)]
        ids = {
            "item_ids": unchanged,
            "space_id": space_id,
            "kept_items": [item_id for item_id, _ in kept],
            "kept_sources": [source for _, source in kept],
        }
        for step in ("forget", "store", "store_chunks", "done"):
            cur.execute(sql[step], ids)
    return len(unchanged)


def fail(
    conn: psycopg.Connection[Any], *, space_id: int, claims: dict[int, datetime], error: str
) -> None:
    """Record why claimed items could not be encoded; they are tried again later, ever more rarely."""
    params = {
        "space_id": space_id,
        "item_ids": list(claims),
        "enqueued": list(claims.values()),
        "error": error,
    }
    with translated():
        conn.execute(statements("embed")["failed"], params)


def release(conn: psycopg.Connection[Any], *, space_id: int, item_ids: list[int]) -> None:
    """Give claimed items back, as if they had not been claimed.

    Those that somebody is changing are waited for, some seconds, without a lock; where that takes
    longer and is rolled back in the end, they are free when their lease ends.
    """
    params = {"space_id": space_id, "item_ids": item_ids}
    give_up = time.monotonic() + RELEASE_S
    with translated():
        while conn.execute(statements("embed")["release"], params).fetchone() != (0,):
            if time.monotonic() > give_up:
                return
            time.sleep(RELEASE_LOOK_S)
