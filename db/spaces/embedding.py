"""Embedding spaces and the outbox of items to encode."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from pgvector import HalfVector, SparseVector
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from db.calls.call import function, scalar, statement
from db.calls.rows import Count
from db.errors import translated
from db.spaces.rows import Claimed, Coverage, MissingSpace, PictureBytes, Space
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import numpy as np
    import psycopg
    from numpy.typing import NDArray


RELEASE_S = 5.0
# Types of the columns that vectors are copied into.
_COLUMNS = (
    "int8", "text", "int4", "int4", "int4", "halfvec", "uuid", "halfvec[]", "int4multirange[]",
    "sparsevec",
)  # fmt: skip
# Places of words in a text: start and stop in characters.
Places: TypeAlias = tuple[tuple[int, int], ...]
RELEASE_LOOK_S = 0.05


class QueryText(msgspec.Struct, frozen=True):
    """A query text without a vector."""

    text: str


class GraphBuild(msgspec.Struct, frozen=True, kw_only=True):
    """The statement that builds an index, the bytes of its graph; local: the server is on this machine."""

    statement: str
    graph_bytes: int
    local: bool


class IndexProgress(msgspec.Struct, frozen=True):
    """Progress of an index build: phase, tuples done and to do."""

    phase: str
    done: int
    total: int


class Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """A vector to store: float32 of shape (dim,); start and stop in characters where the text was split.

    In a space of kind multi, `vec` is the mean of `tokens`, float32 of shape (n, dim), and `spans` has the
    places of each token's words in the whole text. In one of kind sparse there is no `vec`, but
    `token_weights`, numbers of tokens and their weights, of a vocabulary of `dim`.
    """

    item_id: int
    source: str | None
    part_no: int
    vec: NDArray[np.float32] | None
    content_hash: UUID | None
    start: int | None = None
    stop: int | None = None
    tokens: NDArray[np.float32] | None = None
    spans: Sequence[Places] | None = None
    token_weights: tuple[NDArray[np.int32], NDArray[np.float32]] | None = None
    dim: int = 0


# All, or those that a collection feeds.
live_spaces = statement("embed", "live_spaces", Space, reads=True, collection=None)
# Those that workers keep fresh: the live ones, then those being built.
active_spaces = statement("embed", "active_spaces", Space)
# Those that collections feed but that do not exist yet.
missing_spaces = statement("embed", "missing_spaces", MissingSpace)
# The count is the new id.
create_space = scalar("ops.create_space", Count)
coverage = statement("embed", "coverage", Coverage)

pictures = statement("embed", "pictures", PictureBytes)
# The CREATE INDEX CONCURRENTLY of a space, to be run outside a transaction.
index_build = statement("embed", "index_build", GraphBuild)
index_progress = statement("embed", "index_progress", IndexProgress)
# An index whose build was interrupted is never used.
drop_invalid_index = scalar("impl.drop_invalid_index", Count)

# How many items of a space wait and could be claimed now.
due = statement("embed", "due", Count)
# How many wait or are being encoded; not those that are to be tried again later.
unfinished = statement("embed", "unfinished", Count)
claim_batch = function("ops.claim_batch", Claimed)
waiting_queries = statement("embed", "waiting_queries", QueryText, batch_n=64)
# `vec` is float32 of shape (dim,).
# In a space of kind multi those of its tokens, one after the other, with the places of their words.
keep_query_vector = statement("embed", "keep_query_vector", Count, spans=None)
# In a space of kind sparse per token three numbers, see `encoders.sparse.rows.packed`.
# Record why a query text cannot be encoded.
refuse_query = statement("embed", "refuse_query", Count)


def store(
    conn: psycopg.Connection[Any],
    *,
    space_id: int,
    claims: dict[int, datetime],
    vectors: Sequence[Encoded],
    kept: Sequence[tuple[int, str]] = (),
) -> int:
    """Replace the vectors of claimed items that did not change since the claim, in one transaction.

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
            copy.set_types(_COLUMNS)
            for v in vectors:
                copy.write_row(_row(v))
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


def multiranges(spans: Sequence[Places]) -> list[Multirange[int]]:
    """Places of the words of tokens as PostgreSQL takes them."""
    return [Multirange(Range(start, stop) for start, stop in places) for places in spans]


def _row(v: Encoded) -> tuple[Any, ...]:
    tokens = None if v.tokens is None else [HalfVector(token) for token in v.tokens]
    spans = None if v.spans is None else multiranges(v.spans)
    key = (v.item_id, v.source, v.part_no, v.start, v.stop)
    vec = None if v.vec is None else HalfVector(v.vec)
    return (*key, vec, v.content_hash, tokens, spans, _sparse(v))


def _sparse(v: Encoded) -> SparseVector | None:
    if v.token_weights is None:
        return None
    ids, weights = v.token_weights
    return SparseVector(dict(zip(ids.tolist(), weights.tolist(), strict=True)), v.dim)


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
    """Return claimed items to the outbox, as if they had not been claimed.

    Waits some seconds, without a lock, for those that another session is changing; where that takes
    longer and is rolled back in the end, they are free when their lease ends.
    """
    params = {"space_id": space_id, "item_ids": item_ids}
    give_up = time.monotonic() + RELEASE_S
    with translated():
        while conn.execute(statements("embed")["release"], params).fetchone() != (0,):
            if time.monotonic() > give_up:
                return
            time.sleep(RELEASE_LOOK_S)
