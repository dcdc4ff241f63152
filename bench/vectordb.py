"""Getting vectors into the database and out again, for the benches: loading, indexes, sizes, ways to ask."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import psycopg
from pgvector import HalfVector
from scratchdb import first
from vectorset import TOP, Condition, Floats, Numbers, VectorSet

COLLECTION = "bench-vectors"
OPERATORS = {"cosine": "<=>", "l2": "<->"}

# Loads go past the triggers, which would index, queue and check every row: what is measured comes after them.
# Only a superuser, or who was granted it, may set this.
NO_TRIGGERS = "SET LOCAL session_replication_role = replica"

OURS = "SELECT item_id, path FROM search.semantic(%s, %s, %s, %s, %s)"
# The usual way: a join and a WHERE next to the ORDER BY that the index serves.
PLAIN = """
    SELECT e.item_id, '' FROM core.embedding_{space} AS e JOIN core.item AS i ON i.id = e.item_id
    WHERE {condition} ORDER BY e.vec::halfvec({dim}) {operator} %(vec)s::halfvec({dim}) LIMIT %(k)s"""


Ask = Callable[[Floats, Condition | None, bool], list[tuple[int, str]]]


class Space(NamedTuple):
    """A space that this run made, and what its index took."""

    id: int
    name: str
    distance: str
    quantization: str
    dim: int
    build_s: float
    table_bytes: int
    index_bytes: int


def load_items(conn: psycopg.Connection[Any], buckets: dict[str, Numbers]) -> Numbers:
    """Items with buckets as metadata and no text, in a collection of their own.

    Returns:
        The id of every item, in the order given.
    """
    collection = first(conn, "SELECT ops.create_collection(%s, 'simple')", [COLLECTION])
    n = len(next(iter(buckets.values())))
    with conn.transaction(), conn.cursor() as cur:
        conn.execute(NO_TRIGGERS)
        with cur.copy("COPY core.item (collection_id, external_id, metadata) FROM STDIN") as copy:
            for at in range(n):
                metadata = {key: int(values[at]) for key, values in buckets.items()}
                copy.write_row((collection, str(at), json.dumps(metadata)))
        # The count of items that the triggers would have kept.
        conn.execute(
            "INSERT INTO core.batch (index_id, n_docs, sum_length)"
            " SELECT id, %s, 0 FROM core.lexical_index WHERE collection_id = %s",
            (n, collection),
        )
    conn.execute("VACUUM ANALYZE core.item, core.batch")
    return item_ids(conn, COLLECTION)


def item_ids(conn: psycopg.Connection[Any], collection: str) -> Numbers:
    """Ids of the items of a collection whose external ids are the numbers from 0."""
    rows = conn.execute(
        "SELECT item_id FROM search.items WHERE collection = %s ORDER BY external_id::int",
        (collection,),
    ).fetchall()
    return np.array([row[0] for row in rows])


def make_space(
    conn: psycopg.Connection[Any], ids: Numbers, vectors: Floats, distance: str, quantization: str
) -> Space:
    """A space with all vectors and its index."""
    name = f"{COLLECTION}-{distance}-{quantization}"
    dim = vectors.shape[1]
    space_id = first(
        conn,
        "SELECT ops.create_space(%s, 'none', 'none', %s, distance => %s, quantization => %s)",
        (name, dim, distance, quantization),
    )
    load_vectors(conn, space_id, ids, vectors)
    started = time.perf_counter()
    with conn.transaction():
        conn.execute("SET LOCAL maintenance_work_mem = '1GB'")
        conn.execute("SELECT ops.build_space_index(%s)", (space_id,))
    took = time.perf_counter() - started
    conn.execute(f"VACUUM ANALYZE core.embedding_{space_id}".encode())
    table = first(conn, "SELECT pg_table_size(%s)", [f"core.embedding_{space_id}"])
    index = first(conn, "SELECT pg_relation_size(%s)", [f"core.embedding_{space_id}_hnsw"])
    return Space(space_id, name, distance, quantization, dim, took, table, index)


def load_vectors(
    conn: psycopg.Connection[Any], space_id: int, ids: Numbers, vectors: Floats
) -> None:
    """One vector per item, by COPY; without triggers, which here only check foreign keys."""
    columns = "item_id, space_id, source, vec, content_hash"
    statement = f"COPY core.embedding ({columns}) FROM STDIN (FORMAT binary)"
    with conn.transaction(), conn.cursor() as cur:
        conn.execute(NO_TRIGGERS)
        with cur.copy(statement.encode()) as copy:
            copy.set_types(["int8", "int4", "text", "halfvec", "uuid"])
            for item, vec in zip(ids.tolist(), vectors, strict=True):
                copy.write_row((item, space_id, "item", HalfVector(vec), UUID(int=0)))


def drop(conn: psycopg.Connection[Any]) -> None:
    """Remove everything that this bench, or one that was stopped, has made."""
    spaces = conn.execute(
        "SELECT id FROM ops.space WHERE name LIKE %s", (COLLECTION + "-%",)
    ).fetchall()
    with conn.transaction():
        for (space_id,) in spaces:
            # Detached first: as a partition it is what the foreign key of core.chunk refers to.
            part = f"core.embedding_{space_id}"
            conn.execute(f"ALTER TABLE core.embedding DETACH PARTITION {part}".encode())
            conn.execute(f"DROP TABLE {part}".encode())
            conn.execute("DELETE FROM ops.space WHERE id = %s", (space_id,))
        conn.execute(NO_TRIGGERS)
        mine = "(SELECT id FROM core.collection WHERE name = %s)"
        for statement in (
            "DELETE FROM core.batch WHERE index_id IN"
            f" (SELECT id FROM core.lexical_index WHERE collection_id = {mine})",
            f"DELETE FROM core.lexical_index WHERE collection_id = {mine}",
            f"DELETE FROM core.item WHERE collection_id = {mine}",
            "DELETE FROM core.collection WHERE name = %s",
        ):
            conn.execute(statement.encode(), (COLLECTION,))
    conn.execute("VACUUM core.item")


@contextmanager
def loaded(conn: psycopg.Connection[Any], given: VectorSet, keep: bool) -> Iterator[Numbers]:
    """The ids of the items, which are there for this run alone unless they are kept."""
    drop(conn)
    try:
        yield load_items(conn, given.buckets)
    finally:
        if not keep:
            drop(conn)


def ours(conn: psycopg.Connection[Any], space: Space) -> Ask:
    """search.semantic as it comes."""

    def ask(vec: Floats, condition: Condition | None, inside: bool) -> list[tuple[int, str]]:
        text = condition.text() if condition is not None else None
        params = (space.name, HalfVector(vec), TOP, text, COLLECTION if inside else None)
        return conn.execute(OURS, params).fetchall()

    return ask


def plain(conn: psycopg.Connection[Any], space: Space) -> Ask:
    """Pgvector by hand; the connection's settings say how its index is scanned."""

    def ask(vec: Floats, condition: Condition | None, inside: bool) -> list[tuple[int, str]]:
        where = "true" if condition is None else "i.metadata @> %(filter)s::jsonb"
        if condition is not None and condition.below:
            where = "i.metadata @@ %(filter)s::jsonpath"
        operator = OPERATORS[space.distance]
        query = PLAIN.format(space=space.id, condition=where, dim=space.dim, operator=operator)
        text = condition.text() if condition is not None else None
        params = {"vec": HalfVector(vec), "filter": text, "k": TOP}
        # Not prepared, so that every plan suits its filter.
        return conn.execute(query.encode(), params, prepare=False).fetchall()

    return ask
