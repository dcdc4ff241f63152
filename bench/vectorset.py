"""Vectors with neighbours worth finding, filters over their items, and exact answers. No database here.

Every item has buckets as metadata. `uM` and `cM` cut the items into M parts of equal size: `uM` at random, so
that a filter has nothing to do with the vector; `cM` by place, so that a bucket is a region of the space.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TOP = 10
PARTS = {10: "10 %", 100: "1 %", 1000: "0.1 %", 10_000: "0.01 %"}
RANK, CLUSTERS = 48, 500
LEAF = 8
TOLERANCE = 1e-6  # of a similarity: an item this close to the last of the best stands for it

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


class VectorSet(NamedTuple):
    """Items and queries as halfvec keeps them (rounded to 16 bits), and what filters may ask for.

    `home` is an item near each query; `known` holds exact neighbours published with the data, by distance.
    """

    name: str
    distances: tuple[str, ...]
    vectors: Floats
    queries: Floats
    home: Numbers
    buckets: dict[str, Numbers]
    known: dict[str, Numbers]


class Condition(NamedTuple):
    """A bucket that items must be in, or stay below: containment, or a jsonpath that no index serves."""

    key: str
    value: int
    below: bool = False

    def text(self) -> str:
        return f"$.{self.key} < {self.value}" if self.below else json.dumps({self.key: self.value})

    def mask(self, buckets: dict[str, Numbers]) -> NDArray[np.bool_]:
        found = buckets[self.key]
        return found < self.value if self.below else found == self.value


class Filter(NamedTuple):
    """A kind of filter: one condition per query, or none at all."""

    label: str
    conditions: Sequence[Condition | None]
    in_collection: bool = True


class Exact(NamedTuple):
    """The right answer to one query: how many items match, which similarities, and the k-th best."""

    matching: int
    wanted: int
    similarity: NDArray[np.floating]
    least: float

    def right(self, found: Sequence[int]) -> int:
        """How many of the items found are among the nearest; ties stand for each other."""
        if self.wanted == 0:
            return 0
        slack = TOLERANCE * max(1.0, abs(self.least))
        return int((self.similarity[list(set(found))] >= self.least - slack).sum())


def rounded(vectors: NDArray[np.floating]) -> Floats:
    """The nearest values that halfvec can hold."""
    return vectors.astype(np.float16).astype(np.float32)


def normalized(vectors: Floats) -> Floats:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def clustered(n: int, dim: int, query_n: int, seed: int = 0) -> tuple[Floats, Floats, Numbers]:
    """Unit vectors around 500 centres in 48 dimensions, mapped to `dim`, plus noise in all of them.

    Returns:
        Vectors (n, dim); queries (query_n, dim), each an item moved a little; the items they were made of.
    """
    rng = np.random.default_rng(seed)
    basis = rng.standard_normal((RANK, dim), dtype=np.float32)
    centres = rng.standard_normal((CLUSTERS, RANK), dtype=np.float32)
    spread = 0.6 * rng.standard_normal((n, RANK), dtype=np.float32)
    vectors = (centres[rng.integers(CLUSTERS, size=n)] + spread) @ basis
    vectors += 2 * rng.standard_normal((n, dim), dtype=np.float32)
    vectors = normalized(vectors)
    home = rng.integers(n, size=query_n)
    moved = 0.3 / np.sqrt(dim) * rng.standard_normal((query_n, dim), dtype=np.float32)
    return rounded(vectors), rounded(normalized(vectors[home] + moved)), home


def by_place(vectors: Floats) -> Numbers:
    """All items in an order where neighbours in the list are neighbours in space, at every scale.

    Halves at the median of the widest dimension, again and again; the order of the leaves of that tree.
    """
    widest = vectors[:, np.argsort(-vectors.var(axis=0))[:RANK]]
    leaves: list[Numbers] = []
    todo = [np.arange(len(vectors))]
    while todo:
        part = todo.pop()
        if len(part) <= LEAF:
            leaves.append(part)
            continue
        axis = int(widest[part].var(axis=0).argmax())
        middle = len(part) // 2
        part = part[np.argpartition(widest[part, axis], middle)]
        todo += [part[:middle], part[middle:]]
    return np.concatenate(leaves)


def cut(vectors: Floats, seed: int = 1) -> dict[str, Numbers]:
    """The buckets of every item."""
    n = len(vectors)
    orders = {"u": np.random.default_rng(seed).permutation(n), "c": by_place(vectors)}
    buckets = {}
    for letter, order in orders.items():
        place = np.empty(n, np.int64)
        place[order] = np.arange(n)
        buckets |= {f"{letter}{parts}": place * parts // n for parts in PARTS}
    return buckets


def synthetic(n: int, dim: int, query_n: int) -> VectorSet:
    vectors, queries, home = clustered(n, dim, query_n)
    name = f"synthetic {n:,} x {dim}"
    return VectorSet(name, ("cosine",), vectors, queries, home, cut(vectors), {})


def mnist(folder: Path, query_n: int) -> VectorSet:
    """Handwritten digits, 784 pixels as they are; the development queries and their exact neighbours."""
    raw = gzip.decompress((folder / "t10k-images-idx3-ubyte.gz").read_bytes())
    images = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 784).astype(np.float32)
    with np.load(folder / "gt.dev.npz") as truth:
        rows = truth["query_rows"][:query_n]
        known = {"l2": truth["l2_ids"][:query_n], "cosine": truth["cos_ids"][:query_n]}
    base = images[:9000]
    home = known["l2"][:, 0].astype(np.int64)
    return VectorSet("mnist-ann", ("l2", "cosine"), base, images[rows], home, cut(base), known)


def filters(given: VectorSet, seed: int = 2) -> list[Filter]:
    """The filters that every query is asked with.

    100 %: the whole space, then the whole collection by its name. random: uncorrelated with the vector. near:
    the region of the space that the query is in. far: a region elsewhere. range: a jsonpath.
    """
    rng = np.random.default_rng(seed)
    n = len(given.queries)
    found = [
        Filter("100 %, no filter", [None] * n, in_collection=False),
        Filter("100 %, collection", [None] * n),
    ]
    for parts, share in PARTS.items():
        any_part = rng.integers(parts, size=n)
        around = given.buckets[f"c{parts}"][given.home]
        for label, letter, values in (
            ("random", "u", any_part),
            ("near", "c", around),
            ("far", "c", (around + parts // 2) % parts),
        ):
            conditions = [Condition(f"{letter}{parts}", int(v)) for v in values]
            found.append(Filter(f"{share}, {label}", conditions))
    for share, key, value in (("30 %", "u10", 3), ("0.1 %", "u1000", 1)):
        found.append(Filter(f"{share}, range", [Condition(key, value, True)] * n))
    return found


def similarities(given: VectorSet, distance: str) -> NDArray[np.floating]:
    """Of every query (row) to every item (column): cosine, or minus the Euclidean distance."""
    if distance == "cosine":
        return normalized(given.queries) @ normalized(given.vectors).T
    items, queries = given.vectors.astype(np.float64), given.queries.astype(np.float64)
    squares = (items**2).sum(axis=1) - 2 * queries @ items.T + (queries**2).sum(axis=1)[:, None]
    return -np.sqrt(np.maximum(squares, 0))


def exact(
    similarity: NDArray[np.floating], condition: Condition | None, buckets: dict[str, Numbers]
) -> Exact:
    """The answer by comparing everything."""
    if condition is not None:
        similarity = np.where(condition.mask(buckets), similarity, -np.inf)
    matching = int(np.isfinite(similarity).sum())
    wanted = min(TOP, matching)
    least = float(np.partition(similarity, -wanted)[-wanted]) if wanted else np.inf
    return Exact(matching, wanted, similarity, least)


def agreement(given: VectorSet, distance: str, similarity: NDArray[np.floating]) -> float | None:
    """Share of the published neighbours that `exact` counts as right; None where none are published."""
    if distance not in given.known:
        return None
    answers = [exact(row, None, given.buckets) for row in similarity]
    pairs = zip(answers, given.known[distance], strict=True)
    return float(np.mean([answer.right(ids[:TOP].tolist()) / TOP for answer, ids in pairs]))
