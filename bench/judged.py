"""Judged samples of collections, for benches that encode texts, and how to compare two systems on them.

A sample holds every judged document of its queries and, drawn with a fixed seed, others up to a size: small
enough for two cores, and the same for every system. Figures on a sample are higher than on the whole
collection; differences between systems are what it is for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from quality import Qrels, Run, lines, trec

DEPTH = 20
SEED = 20
RESAMPLES = 10_000

Floats = NDArray[np.float32]


class Judged(NamedTuple):
    """Texts by id, queries by id, and what they should find.

    Where `by_item` is true the queries are the documents themselves, left out of their own answers.
    """

    name: str
    documents: dict[str, str]
    queries: dict[str, str]
    qrels: Qrels
    by_item: bool = False


class Difference(NamedTuple):
    """Mean of the differences per query, with the 95 % interval of a paired bootstrap."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:+.4f} [{self.low:+.4f}, {self.high:+.4f}]"


def scifact(data: Path, size: int = 1500) -> Judged:
    """Claims against abstracts, English."""
    folder = data / "scifact"
    qrels = trec(folder / "qrels.test.trec")
    queries = {row["_id"]: row["text"] for row in lines(folder / "queries.jsonl")}
    texts = {row["_id"]: f"{row['title']}\n{row['text']}" for row in lines(folder / "corpus.jsonl")}
    chosen = {query: queries[query] for query in qrels}
    return Judged("scifact", sampled(texts, qrels, size), chosen, qrels)


def legal_ko(data: Path, size: int = 2000, asked: int = 500) -> Judged:
    """Issues of court decisions against the articles they cite, Korean."""
    folder = data / "legal-ko"
    everything = trec(folder / "qrels.dev.trec")
    queries = {row["id"]: row["text"] for row in lines(folder / "queries.dev.jsonl")}
    drawn = np.random.default_rng(SEED).choice(sorted(everything), asked, replace=False)
    qrels = {query: everything[query] for query in sorted(map(str, drawn))}
    texts = {row["id"]: f"{row['doc']}\n{row['text']}" for row in lines(folder / "passages.jsonl")}
    chosen = {query: queries[query] for query in qrels}
    return Judged("legal-ko", sampled(texts, qrels, size), chosen, qrels)


def itembank(data: Path, truth: str = "hybrid") -> Judged:
    """Maths questions with their explanations against each other, Korean with LaTeX."""
    folder = data / "itembank"
    texts = {
        row["id"]: f"{row['text']}\n{row['explanation']}" for row in lines(folder / "items.jsonl")
    }
    qrels = trec(folder / f"qrels.{truth}.trec")
    queries = {query: texts[query] for query in qrels}
    return Judged(f"itembank {truth}", texts, queries, qrels, by_item=True)


def sampled(texts: Mapping[str, str], qrels: Qrels, size: int) -> dict[str, str]:
    """Every judged document and others at random, in the order of the collection."""
    judged = {doc for docs in qrels.values() for doc in docs if doc in texts}
    others = sorted(set(texts) - judged)
    drawn = np.random.default_rng(SEED).permutation(others)[: max(0, size - len(judged))]
    kept = judged | set(map(str, drawn))
    return {doc: text for doc, text in texts.items() if doc in kept}


def nearest(judged: Judged, documents: Floats, queries: Floats) -> Run:
    """The first answers to each query by inner product; rows in the order of the dictionaries."""
    ids = np.array(list(judged.documents))
    order = np.argsort(-(queries @ documents.T), axis=1, kind="stable")[:, : DEPTH + 1]
    run = {}
    for query, row in zip(judged.queries, order, strict=True):
        found = [str(doc) for doc in ids[row]]
        run[query] = [doc for doc in found if not judged.by_item or doc != query][:DEPTH]
    return run


def per_query(run: Run, qrels: Qrels, measures: Sequence[str]) -> NDArray[np.float64]:
    """Measures such as `nDCG@10` by ir_measures; shape (queries, measures), queries as in qrels."""
    library: Any = import_module("ir_measures")
    wanted = [library.parse_measure(name) for name in measures]
    scored = {query: {doc: -at for at, doc in enumerate(docs)} for query, docs in run.items()}
    at_query = {query: row for row, query in enumerate(qrels)}
    at_measure = {measure: column for column, measure in enumerate(wanted)}
    figures = np.zeros((len(qrels), len(wanted)))
    for found in library.iter_calc(wanted, qrels, scored):
        figures[at_query[found.query_id], at_measure[found.measure]] = found.value
    return figures


def difference(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Difference:
    """Compare two systems on the same queries; shape (queries,) each."""
    each = ours - theirs
    rng = np.random.default_rng(SEED)
    means = each[rng.integers(len(each), size=(RESAMPLES, len(each)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Difference(float(each.mean()), float(low), float(high))


SETS: dict[str, Callable[[Path], Judged]] = {
    "scifact": scifact,
    "legal-ko": legal_ko,
    "itembank": itembank,
}
