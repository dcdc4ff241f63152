"""Vector search under filters: recall, rows returned, time, path. One machine, one run.

  python bench/vectors.py --n 200000 --dim 384     synthetic vectors (bench/vectorset.py)
  python bench/vectors.py --data mnist-ann         9,000 digits of 784 pixels, L2 and cosine

Filters (share of the items that match): random, uncorrelated with the vector; near, items around the query;
far, items elsewhere together; range, a jsonpath that no index serves. Exact answers are computed in numpy, on
the vectors as stored (16 bits a number). The peer is pgvector as it is usually asked, on the same table and
index: WHERE ... ORDER BY distance LIMIT 10, with its default settings and with hnsw.iterative_scan.

Works in a collection and spaces of its own, removed at the end, on the server that SEOGO_DATABASE_URL names
or the embedded one; the role must be a superuser.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psycopg
from numpy.typing import NDArray
from rich.console import Console
from vectordb import Ask, loaded, make_space, ours, plain
from vectorreport import (
    GOAL_N,
    ITERATIVE,
    OURS,
    PLAIN,
    Figures,
    Recall,
    Report,
    show,
    show_goals,
    show_peers,
    written,
)
from vectorset import (
    TOP,
    Filter,
    Numbers,
    VectorSet,
    agreement,
    exact,
    filters,
    mnist,
    similarities,
    synthetic,
)

from db import connect, migrate
from db.settings import DbSettings, read

WARM_UP = 10
SAMPLE = 100

Similarities = NDArray[np.floating]


class Connections(NamedTuple):
    """One with default settings, and one whose index scans go on until enough rows pass the filter."""

    own: psycopg.Connection[Any]
    iterative: psycopg.Connection[Any]


class Asked(NamedTuple):
    """One query, asked one way: items that match, rows due, rows that came, right ones among them."""

    matching: int
    wanted: int
    rows: int
    right: int
    seconds: float
    path: str


def measure(
    asks: dict[str, Ask], given: VectorSet, one: Filter, truth: Similarities, ids: Numbers
) -> list[Figures]:
    """Ask every query of everyone, in turns, after a warm-up."""
    asked: dict[str, list[Asked]] = {name: [] for name in asks}
    numbers = {item: at for at, item in enumerate(ids.tolist())}
    pairs = list(zip(given.queries, one.conditions, strict=True))
    for vec, condition in pairs[-WARM_UP:]:
        for ask in asks.values():
            ask(vec, condition, one.in_collection)
    for similarity, (vec, condition) in zip(truth, pairs, strict=True):
        best = exact(similarity, condition, given.buckets)
        for name, ask in asks.items():
            started = time.perf_counter()
            rows = ask(vec, condition, one.in_collection)
            took = time.perf_counter() - started
            right = best.right([numbers[item] for item, _ in rows])
            path = rows[0][1] if rows else "no rows"
            asked[name].append(Asked(best.matching, best.wanted, len(rows), right, took, path))
    return [figures(one.label, name, found) for name, found in asked.items()]


def figures(label: str, way: str, asked: list[Asked]) -> Figures:
    matching, wanted, rows = (float(np.mean([one[at] for one in asked])) for at in range(3))
    recall = float(np.mean([one.right / one.wanted for one in asked if one.wanted] or [1.0]))
    p50, p95 = np.percentile([one.seconds for one in asked], [50, 95]) * 1000
    short = sum(one.rows < one.wanted for one in asked)
    paths = dict(Counter(one.path for one in asked))
    return Figures(label, way, matching, wanted, rows, short, recall, float(p50), float(p95), paths)


def bench(
    conns: Connections, given: VectorSet, ids: Numbers, distance: str, quantization: str
) -> Report:
    """Make a space, ask it everything."""
    space = make_space(conns.own, ids, given.vectors, distance, quantization)
    asks = {OURS: ours(conns.own, space)}
    if quantization == "none":
        asks |= {PLAIN: plain(conns.own, space), ITERATIVE: plain(conns.iterative, space)}
    truth = similarities(given, distance)
    found = [line for one in filters(given) for line in measure(asks, given, one, truth, ids)]
    row = conns.own.execute(
        "SELECT * FROM search.measure_recall(%s, %s, %s)", (space.name, SAMPLE, TOP)
    ).fetchone()
    assert row is not None
    agreed = agreement(given, distance, truth)
    sizes = (len(given.vectors), len(given.queries))
    return Report(given.name, *sizes, space, agreed, Recall(*row), found)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=GOAL_N, help="synthetic vectors")
    parser.add_argument("--dim", type=int, default=384, help="their dimensions")
    parser.add_argument("--data", choices=["mnist-ann"], help="these instead of synthetic ones")
    parser.add_argument(
        "--data-dir", type=Path, default=os.environ.get("SEOGO_DATA", "../shared/data")
    )
    parser.add_argument("--queries", type=int, default=100, metavar="N")
    parser.add_argument("--keep", action="store_true", help="leave collection and spaces behind")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser.parse_args()


def main() -> None:
    """Run."""
    args = parsed()
    console = Console()
    if args.data:
        given = mnist(args.data_dir / args.data, args.queries)
    else:
        given = synthetic(args.n, args.dim, args.queries)
    settings = read(DbSettings)
    migrate.upgrade(connect.database_url(settings))
    kinds = [(distance, "none") for distance in given.distances] + [("cosine", "binary")]
    reports = []
    with (
        connect.session(settings) as own,
        connect.session(settings) as iterative,
        loaded(own, given, args.keep) as ids,
    ):
        iterative.execute("SET hnsw.iterative_scan = strict_order")
        for distance, quantization in kinds:
            conns = Connections(own, iterative)
            reports.append(bench(conns, given, ids, distance, quantization))
            show(reports[-1], console)
            show_peers(reports[-1], console)
    for report in reports:
        show_goals(report, console)
    if args.json:
        args.json.write_text(json.dumps(written(reports), indent=1) + "\n")


if __name__ == "__main__":
    main()
