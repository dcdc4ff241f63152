"""Hybrid search against its peers: time per query and how much of the exact answer. One machine, one run.

  python bench/hybrid.py --n 20000
  python bench/hybrid.py --n 200000

Texts from bench/corpus.py, vectors from bench/vectorset.py; a query is some words of a document and a vector
near that document's. The exact answer fuses the 100 best by BM25 and the 100 best by cosine, both computed in
numpy, by reciprocal ranks; documents of equal score stand for each other. Vectors are given: no encoder runs.

Uses a database of its own, seogo_bench, on the server that SEOGO_DATABASE_URL names (or the embedded one);
the role must be a superuser. Queries go round-robin through the systems, after a warm-up.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import corpus
import numpy as np
from exact import Exact
from hybridsystems import (
    DEPTH,
    SYSTEMS,
    Corpus,
    Hybrid,
    HybridQuery,
    LanceDb,
    Search,
    System,
    fill,
    fused,
)
from lexical import database, tabled
from numpy.typing import NDArray
from pgvector.psycopg import register_vector
from rich.console import Console
from systems import scratch
from vectorset import TOP, Numbers, clustered

WARM_UP = 20
GOAL_N = 200_000


class Figures(NamedTuple):
    """What one way of searching gave, over the queries."""

    queries: int
    p50_ms: float
    p95_ms: float
    recall: float


class Truth:
    """The exact fused answers to queries over a corpus."""

    def __init__(self, given: Corpus) -> None:
        self.words = Exact(given.texts)
        self.vectors = given.vectors / np.linalg.norm(given.vectors, axis=1, keepdims=True)

    def scores(self, query: HybridQuery) -> dict[int, float]:
        words = self.words.scores(query.text)
        deep = min(DEPTH, int((words > 0).sum()))
        return fused([first(words, deep), first(self.vectors @ query.vec, DEPTH)])


def first(scores: NDArray[np.floating], depth: int) -> list[int]:
    """Numbers of the highest scores, best first."""
    return [int(doc) for doc in np.argsort(-scores, kind="stable")[:depth]]


def recall(scores: dict[int, float], found: list[int]) -> float:
    """Share of the first places that documents with the scores of those places hold."""
    least = sorted(scores.values(), reverse=True)[:TOP][-1]
    right = sum(scores.get(doc, 0) >= least * (1 - 1e-9) for doc in set(found))
    return right / min(TOP, len(scores))


def words_of(text: str, rng: np.random.Generator) -> str:
    """Three to six different words of a text."""
    words = list(dict.fromkeys(text.split()))
    return " ".join(rng.choice(words, min(len(words), int(rng.integers(3, 7))), replace=False))


def made(n: int, dim: int, query_n: int) -> tuple[Corpus, list[HybridQuery]]:
    """Documents and queries; each query is about one document, by its words and by its vector."""
    texts = list(corpus.documents(n))
    vectors, near, home = clustered(n, dim, query_n)
    rng = np.random.default_rng(5)
    asked = zip(near, texts_at(texts, home), strict=True)
    return Corpus(texts, vectors), [HybridQuery(words_of(text, rng), vec) for vec, text in asked]


def texts_at(texts: list[str], numbers: Numbers) -> list[str]:
    return [texts[number] for number in numbers]


def measure(
    searches: dict[str, Search], queries: list[HybridQuery], truth: Truth
) -> dict[str, Figures]:
    """Ask everything of everyone, in turns, so that a slow moment of the machine hits all alike."""
    for search in searches.values():
        for query in queries[:WARM_UP]:
            search(query)
    gc.collect()
    gc.freeze()
    seconds: dict[str, list[float]] = {name: [] for name in searches}
    recalls: dict[str, list[float]] = {name: [] for name in searches}
    names = list(searches)
    for at, query in enumerate(queries[WARM_UP:]):
        scores = truth.scores(query)
        turn = at % len(names)
        for name in names[turn:] + names[:turn]:
            started = time.perf_counter()
            found = searches[name](query)
            seconds[name].append(time.perf_counter() - started)
            recalls[name].append(recall(scores, list(found)))
    gc.unfreeze()
    return {name: figures(seconds[name], recalls[name]) for name in names}


def figures(seconds: list[float], recalls: list[float]) -> Figures:
    p50, p95 = np.percentile(seconds, [50, 95]) * 1000
    return Figures(len(seconds), float(p50), float(p95), float(np.mean(recalls)))


def bench(
    given: Corpus, queries: list[HybridQuery], kinds: list[type[System]], console: Console
) -> dict[str, Figures]:
    """Build every system and time it."""
    searches: dict[str, Search] = {}
    with database() as conn, scratch() as name:
        folder = Path(name)
        register_vector(conn)
        started = time.perf_counter()
        filled = fill(conn, folder, given)
        console.print(f"texts, vectors, indexes: {time.perf_counter() - started:.1f} s")
        for kind in kinds:
            system = kind(filled, folder)
            started = time.perf_counter()
            system.build(given)
            console.print(f"{kind.name}: built in {time.perf_counter() - started:.1f} s")
            searches |= system.searches()
        return measure(searches, queries, Truth(given))


def show(n: int, found: dict[str, Figures], console: Console) -> None:
    lance = found.get(LanceDb.name)
    columns = ("system", "queries", "p50 ms", "p95 ms", "p50 / LanceDB's", f"recall@{TOP}")
    table = tabled(f"{n:,} documents, top {TOP} of two lists {DEPTH} deep, RRF", *columns)
    for name, at in found.items():
        ratio = f"{at.p50_ms / lance.p50_ms:.2f}" if lance else ""
        times = (f"{at.p50_ms:.1f}", f"{at.p95_ms:.1f}")
        table.add_row(name, str(at.queries), *times, ratio, f"{at.recall:.3f}")
    console.print(table)


def goals(found: dict[str, Figures]) -> Iterator[tuple[str, float, bool]]:
    """Each goal that this run can tell about, the figure, and whether it holds; equal depths compared."""
    for suffix in ("", f", limit {TOP}"):
        ours, lance = found.get(Hybrid.name + suffix), found.get(LanceDb.name + suffix)
        if ours is not None and lance is not None:
            ratio = ours.p50_ms / lance.p50_ms
            yield f"our p50 / that of {LanceDb.name}{suffix}, at most 0.8", ratio, ratio <= 0.8
            better = ours.recall - lance.recall
            yield f"our recall - that of {LanceDb.name}{suffix}, at least 0", better, better >= 0


def show_goals(n: int, found: dict[str, Figures], console: Console) -> None:
    title = "Goals" + ("" if n == GOAL_N else f" (they are set for {GOAL_N:,} documents)")
    table = tabled(title, "goal", "figure", "holds")
    for goal, figure, holds in goals(found):
        table.add_row(goal, f"{figure:.3f}", "yes" if holds else "NO")
    if table.rows:
        console.print(table)


def chosen(names: list[str], console: Console) -> list[type[System]]:
    kinds = [kind for kind in SYSTEMS if kind.name in names]
    for kind in kinds:
        if kind.missing():
            console.print(f"{kind.name}: left out, pip install {' '.join(kind.missing())}")
    return [kind for kind in kinds if not kind.missing()]


def written(n: int, found: dict[str, Figures], kinds: list[type[System]]) -> dict[str, Any]:
    """The figures as JSON knows them."""
    packages = [pip for kind in kinds for pip in kind.packages.values()]
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        "documents": n,
        "figures": {name: at._asdict() for name, at in found.items()},
    }


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [kind.name for kind in SYSTEMS]
    parser.add_argument("--n", type=int, default=20_000, help="documents")
    parser.add_argument("--dim", type=int, default=384, help="dimensions of their vectors")
    parser.add_argument("--queries", type=int, default=200, metavar="N")
    parser.add_argument("--systems", nargs="+", choices=names, default=names)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    args = parser.parse_args()
    console = Console()
    kinds = chosen(args.systems, console)
    given, queries = made(args.n, args.dim, args.queries + WARM_UP)
    found = bench(given, queries, kinds, console)
    show(args.n, found, console)
    show_goals(args.n, found, console)
    if args.json:
        args.json.write_text(json.dumps(written(args.n, found, kinds), indent=1) + "\n")


if __name__ == "__main__":
    main()
