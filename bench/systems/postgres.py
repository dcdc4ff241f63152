"""Shared parts of the systems inside a PostgreSQL: staged texts, pgvector, and fusion in one statement."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from scratchdb import first
from vectorset import TOP, Floats

from systems.base import DEPTH, K_RRF, Cost, Query

M, EF_CONSTRUCTION = 16, 128
NEAREST = "SELECT no FROM public.bench_vec ORDER BY vec <=> %(vec)s LIMIT %(deep)s"
# As tutorials write it: both lists in one statement, numbered in the order that their indexes give.
FUSED = f"""
    WITH words AS (SELECT no, row_number() OVER () AS at FROM ({{words}}) AS w),
         near AS (SELECT no, row_number() OVER () AS at FROM ({NEAREST}) AS v)
    SELECT no FROM (SELECT * FROM words UNION ALL SELECT * FROM near) AS f
    GROUP BY no ORDER BY sum(1.0 / ({K_RRF} + at)) DESC, no LIMIT {TOP}"""


def stage(conn: psycopg.Connection[Any], texts: list[str], table: str = "bench_text") -> None:
    """Put texts into a table, from which the systems inside PostgreSQL take them. Not timed."""
    conn.execute(f"CREATE UNLOGGED TABLE public.{table} (no int PRIMARY KEY, body text)".encode())
    with conn.cursor() as cur, cur.copy(f"COPY public.{table} FROM STDIN".encode()) as copy:
        for row in enumerate(texts):
            copy.write_row(row)
    conn.execute(f"VACUUM ANALYZE public.{table}".encode())


def add_vectors(conn: psycopg.Connection[Any], vectors: Floats) -> Cost:
    """Load vectors by COPY and index them by HNSW; seconds, and bytes of the index alone."""
    register_vector(conn)
    started = time.perf_counter()
    dim = vectors.shape[1]
    conn.execute(f"CREATE TABLE public.bench_vec (no int PRIMARY KEY, vec halfvec({dim}))".encode())
    statement = b"COPY public.bench_vec FROM STDIN (FORMAT binary)"
    with conn.cursor() as cur, cur.copy(statement) as copy:
        copy.set_types(["int4", "halfvec"])
        for no, vec in enumerate(vectors):
            copy.write_row((no, HalfVector(vec)))
    conn.execute("SET maintenance_work_mem = '1GB'")
    options = f"(m = {M}, ef_construction = {EF_CONSTRUCTION})"
    index = "INDEX bench_hnsw ON public.bench_vec USING hnsw (vec halfvec_cosine_ops)"
    conn.execute(f"CREATE {index} WITH {options}".encode())
    conn.execute("VACUUM ANALYZE public.bench_vec")
    # Without it the index gives 40 rows at most. Our functions set their own.
    conn.execute(f"SET hnsw.ef_search = {DEPTH}".encode())
    took = time.perf_counter() - started
    return Cost(took, first(conn, "SELECT pg_relation_size('public.bench_hnsw')"))


def both(words: Cost, vectors: Cost) -> Cost:
    """Cost of an index of words and one of vectors together."""
    return Cost(words.seconds + vectors.seconds, (words.size or 0) + (vectors.size or 0))


def numbers(conn: psycopg.Connection[Any], query: str, params: dict[str, Any]) -> list[int]:
    """The first column of the rows."""
    return [row[0] for row in conn.execute(query.encode(), params)]


def given(query: Query, text: str, depth: int = DEPTH) -> dict[str, Any]:
    """Parameters of a statement that asks with a text and a vector."""
    return {"text": text, "vec": HalfVector(query.vec), "deep": depth}


def version_of(conn: psycopg.Connection[Any], extension: str) -> str:
    return str(first(conn, "SELECT extversion FROM pg_extension WHERE extname = %s", [extension]))
