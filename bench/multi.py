"""Cost of late interaction in SQL: milliseconds of CPU and bytes per item, by tokens and dimensions.

python bench/multi.py --items 200 --candidates 100
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
from pgvector import HalfVector
from pgvector.psycopg import register_vector

from bench import scratchdb

if TYPE_CHECKING:
    import psycopg

QUERY_TOKENS = 24
ROUNDS = 30
SHAPES = ((60, 128), (32, 128), (20, 128), (16, 128), (32, 64))


def main() -> None:
    """Measure each shape with floats and with signs, and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--candidates", type=int, default=100)
    args = parser.parse_args()
    print("| tokens | dimensions | stored as | CPU ms | bytes per item |\n|---|---|---|---|---|")
    with scratchdb.database() as conn:
        register_vector(conn)
        conn.execute("SELECT ops.create_collection('b')")
        conn.execute(
            "INSERT INTO core.item (collection_id, external_id) SELECT 1, n::text"
            " FROM generate_series(1, %s) AS n", (args.items,),
        )  # fmt: skip
        for tokens, dim in SHAPES:
            for stored in ("none", "binary"):
                ms, size = measured(conn, tokens, dim, stored, args.candidates)
                name = "half floats" if stored == "none" else "signs"
                print(f"| {tokens} | {dim} | {name} | {ms:.1f} | {size:,.0f} |", flush=True)


def measured(
    conn: psycopg.Connection[Any], tokens: int, dim: int, stored: str, candidates: int
) -> tuple[float, float]:
    """Milliseconds of the server's CPU for scoring the candidates, and bytes per item with all indexes."""
    rng = np.random.default_rng(0)
    space = f"s{tokens}-{dim}-{stored}"
    made = "SELECT ops.create_space(%s, 'x', 'x', %s, quantization => %s, kind => 'multi')"
    space_id = scratchdb.first(conn, made, (space, dim, stored))
    ids = [row[0] for row in conn.execute("SELECT id FROM core.item ORDER BY id").fetchall()]
    store = (
        f"INSERT INTO core.embedding (item_id, space_id, source, vec, content_hash, tokens, token_bits)"
        f" VALUES (%s, {space_id}, 'item', %s, gen_random_uuid(),"
        + ("%s::halfvec[], NULL)" if stored == "none" else "NULL, impl.token_signs(%s::halfvec[]))")
    )
    for item in ids:
        vecs = unit(rng, tokens, dim)
        row = (item, HalfVector(vecs.mean(axis=0)), [HalfVector(vec) for vec in vecs])
        conn.execute(store.encode(), row)
    conn.execute(f"VACUUM ANALYZE core.embedding_{space_id}".encode())
    query = HalfVector(unit(rng, QUERY_TOKENS, dim).ravel())
    chosen = [int(one) for one in rng.permutation(ids)[:candidates]]
    server = psutil.Process(scratchdb.first(conn, "SELECT pg_backend_pid()"))
    for at in range(ROUNDS + 3):
        if at == 3:  # the first ones read from disk and plan what is kept
            started = server.cpu_times()
        conn.execute("SELECT count(*) FROM search.maxsim(%s, %s, %s)", (space, chosen, query))
    ended = server.cpu_times()
    spent = ended.user + ended.system - started.user - started.system
    size = scratchdb.first(conn, f"SELECT pg_total_relation_size('core.embedding_{space_id}')")
    return 1000 * spent / ROUNDS, size / len(ids)


def unit(rng: np.random.Generator, n: int, dim: int) -> np.ndarray:
    """Random unit rows."""
    vecs = rng.normal(size=(n, dim)).astype(np.float32)
    normed: np.ndarray = vecs / np.linalg.norm(vecs, axis=1, keepdims=True)
    return normed


if __name__ == "__main__":
    main()
