"""What ranking by trees costs: hybrid search fused by reciprocal ranks and by LambdaMART, asked in turns.

    python bench/trees.py --n 10000

Made-up texts, one lexical leg 200 deep, which is as many items as two legs of 100 list at most; k 10. The
trees are learned on random grades, as many and as deep as `seogo tune --trees` makes them: time alone counts.
The database is the one of SEOGO_DATABASE_URL, or the embedded one; `bench-trees` is deleted at the end.
"""

from __future__ import annotations

import argparse
import time
from importlib import import_module
from typing import Any

import corpus
import msgspec
import numpy as np
import psycopg
from rich.console import Console
from rich.progress import track
from rich.table import Table

from db import connect, migrate
from db.calls.query import fetch
from db.evaluation import tuning
from db.evaluation.tuning import Fusion
from db.items.items import create_collection, upsert_items
from db.items.rows import ItemIn, NewCollection
from db.search import functions
from db.search.rows import Leg
from db.settings import DbSettings, read
from jobs.tuning.trees import LEAVES, TREES, compiled, trained

NAME = "bench-trees"
BATCH = 1000
QUERIES = 100
LEGS = [Leg(kind="lexical", pool_n=200)]
SEED = 20


def learned() -> Fusion:
    """Trees over the features of one leg."""
    rng = np.random.default_rng(SEED)
    lightgbm: Any = import_module("lightgbm")
    data = lightgbm.Dataset(
        rng.normal(size=(20_000, 4)) * [60, 5, 0.3, 1] + [100, 10, 0.5, 2],
        rng.integers(0, 3, 20_000),
        group=[200] * 100,
    )
    settings = {"objective": "lambdarank", "num_leaves": LEAVES, "verbosity": -1, "num_threads": 1}
    booster = lightgbm.train(settings, data, num_boost_round=TREES)
    return msgspec.structs.replace(trained(compiled(booster.dump_model(), ["lexical"])), name=NAME)


def measure(conn: psycopg.Connection[Any], out: Console, n: int) -> None:
    fetch(conn, create_collection(name=NAME, settings=NewCollection(analyzer="simple")))
    texts = list(corpus.documents(n))
    for start in track(range(0, n, BATCH), "load", console=out):
        rows = [
            ItemIn(external_id=str(start + at), fields={"text": text})
            for at, text in enumerate(texts[start : start + BATCH])
        ]
        fetch(conn, upsert_items(collection=NAME, items=rows))
    conn.execute("ANALYZE")
    fetch(conn, tuning.put_profile(collection=NAME, fusion=learned(), note=""))
    took: dict[str, list[float]] = {"rrf": [], "lambdamart": []}
    for query in corpus.queries(texts, QUERIES):
        for method, times in took.items():
            ask = functions.hybrid(collection=NAME, query=query, legs=LEGS, method=method)
            started = time.perf_counter()
            fetch(conn, ask)
            times.append(1000 * (time.perf_counter() - started))
    table = Table("fused by", "p50 ms", "p95 ms", title=f"{n} items, {TREES} trees")
    for method, times in took.items():
        p50, p95 = np.percentile(times[5:], [50, 95])
        table.add_row(method, f"{p50:.1f}", f"{p95:.1f}")
    out.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--n", type=int, default=10_000, help="items")
    args = parser.parse_args()
    settings = read(DbSettings)
    if settings.database_url is None:
        migrate.upgrade(connect.database_url(settings))
    with connect.session(settings) as conn:
        try:
            measure(conn, Console(), args.n)
        finally:
            conn.execute("DELETE FROM core.collection WHERE name = %s", (NAME,))


if __name__ == "__main__":
    main()
