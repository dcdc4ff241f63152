"""Search by token weights in SQL: milliseconds per query, bytes per item, time to build.

python bench/sparse.py --items 200000

Weights are drawn: tokens as frequent as words are (Zipf, flattened as models are trained to), 120 a document,
30 a query of an encoder and 10 of one by idf alone. Scores of the first queries are compared with numpy.
"""

from __future__ import annotations

import argparse
import struct
import time
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from bench import scratchdb
from db.search.legs import vector_text
from encoders.base import TokenWeights
from encoders.sparse import rows

if TYPE_CHECKING:
    import psycopg
    from numpy.typing import NDArray

VOCABULARY = 30_522
PER_DOCUMENT = 120
PER_QUERY = (30, 10)
QUERIES = 60
COMPARED = 3
FLATTENED = 50
HIGHEST = 3.5
COPY = (
    "COPY core.embedding (item_id, space_id, source, content_hash, token_weights)"
    " FROM STDIN (FORMAT binary)"
)
FEEDS = '{"sparse": {"item": ["text"]}}'
TABLES = ("core.lexical_vector", "core.lexical_chunk", "core.embedding", "core.sparse_fresh")
SIZE = """SELECT pg_total_relation_size('core.lexical_vector')
                 + pg_total_relation_size('core.embedding_1')"""
SEARCH = "SELECT score FROM search.semantic('sparse', %s, %s, NULL, 'b') ORDER BY rank"


def main() -> None:
    """Fill a space, and print a row per length of query."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("-k", type=int, default=10)
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    with scratchdb.database() as conn:
        conn.execute("SELECT ops.create_collection('b', 'simple', vector_sources => %s)", (FEEDS,))
        space = "SELECT ops.create_space('sparse', 'x', 'x@1', %s, kind => 'sparse')"
        conn.execute(space, (VOCABULARY,))
        conn.execute("ALTER TABLE core.item DISABLE TRIGGER USER")
        conn.execute(
            "INSERT INTO core.item (collection_id, external_id)"
            " SELECT 1, n::text FROM generate_series(1, %s) AS n", (args.items,),
        )  # fmt: skip
        tokens, weights = documents(rng, args.items)
        fill(conn, tokens, weights)
        started = time.perf_counter()
        while scratchdb.first(conn, "SELECT action FROM ops.merge_weights(1)"):
            pass
        built = time.perf_counter() - started
        for table in TABLES:
            conn.execute(f"VACUUM ANALYZE {table}".encode())
        each = scratchdb.first(conn, SIZE) / args.items
        print(f"built in {built:.0f} s, {each:,.0f} bytes an item")
        print("| tokens per query | p50 ms | p95 ms | CPU ms |\n|---|---|---|---|")
        for n in PER_QUERY:
            asked = [query(rng, n) for _ in range(QUERIES)]
            compare(conn, asked[:COMPARED], tokens, weights, args.k)
            p50, p95, cpu = measured(conn, asked, args.k)
            print(f"| {n} | {p50:.1f} | {p95:.1f} | {cpu:.1f} |", flush=True)


def frequencies() -> NDArray[np.float64]:
    """Share of each token, the most frequent first."""
    shares: NDArray[np.float64] = 1 / (np.arange(VOCABULARY) + FLATTENED)
    return shares / shares.sum()


def documents(
    rng: np.random.Generator, n: int
) -> tuple[list[NDArray[np.int32]], list[NDArray[np.float32]]]:
    """Tokens, ascending, and weights of documents."""
    steps = np.cumsum(frequencies())
    drawn = np.searchsorted(steps, rng.random((n, PER_DOCUMENT + 40))).clip(0, VOCABULARY - 1)
    tokens = []
    for row in drawn:
        unique = np.unique(row)
        tokens.append(np.sort(rng.permutation(unique)[:PER_DOCUMENT]).astype(np.int32))
    return tokens, [weighed(rng, len(one), 0.6) for one in tokens]


def weighed(rng: np.random.Generator, n: int, spread: float) -> NDArray[np.float32]:
    """Weights as models give them: most small, few high."""
    return np.minimum(rng.lognormal(-0.7, spread, n), HIGHEST).astype(np.float32)


def query(rng: np.random.Generator, n: int) -> TokenWeights:
    """A query of n tokens, drawn as those of documents are."""
    ids = np.sort(rng.choice(VOCABULARY, n, replace=False, p=frequencies())).astype(np.int32)
    return TokenWeights(ids, weighed(rng, n, 0.8))


def fill(
    conn: psycopg.Connection[Any],
    tokens: list[NDArray[np.int32]],
    weights: list[NDArray[np.float32]],
) -> None:
    """Copy the documents into the space."""
    source, key = b"item", uuid.uuid4().bytes
    with conn.cursor() as cur, cur.copy(COPY.encode()) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0))
        for at, (ids, values) in enumerate(zip(tokens, weights, strict=True), start=1):
            vec = np.array([VOCABULARY, len(ids), 0], ">i4").tobytes()
            vec += ids.astype(">i4").tobytes() + values.astype(">f4").tobytes()
            head = struct.pack(">hiqiii", 5, 8, at, 4, 1, len(source)) + source
            copy.write(head + struct.pack(">i", 16) + key + struct.pack(">i", len(vec)) + vec)
        copy.write(struct.pack(">h", -1))


def compare(
    conn: psycopg.Connection[Any],
    asked: list[TokenWeights],
    tokens: list[NDArray[np.int32]],
    weights: list[NDArray[np.float32]],
    k: int,
) -> None:
    """Check that the scores are those of numpy."""
    for one in asked:
        dense = np.zeros(VOCABULARY, np.float32)
        dense[one.ids] = one.weights.astype(np.float16)
        scores = np.array([w @ dense[t] for t, w in zip(tokens, weights, strict=True)])
        wanted = np.sort(scores)[::-1][:k]
        found = [row[0] for row in conn.execute(SEARCH, (vector_text(rows.packed(one)), k))]
        np.testing.assert_allclose(found, wanted[wanted > 0], rtol=1e-5)


def measured(
    conn: psycopg.Connection[Any], asked: list[TokenWeights], k: int
) -> tuple[float, float, float]:
    """Median and 95th percentile of milliseconds, and the mean of the server's CPU."""
    server = psutil.Process(scratchdb.first(conn, "SELECT pg_backend_pid()"))
    texts = [vector_text(rows.packed(one)) for one in asked]
    for text in texts[:6]:  # plans are kept from then on
        conn.execute(SEARCH, (text, k))
    before, took = server.cpu_times(), []
    for text in texts:
        started = time.perf_counter()
        conn.execute(SEARCH, (text, k))
        took.append(1000 * (time.perf_counter() - started))
    after = server.cpu_times()
    cpu = 1000 * (after.user + after.system - before.user - before.system) / len(texts)
    return float(np.percentile(took, 50)), float(np.percentile(took, 95)), cpu


if __name__ == "__main__":
    main()
