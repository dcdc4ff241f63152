"""Ask all systems the same queries, in turns, and judge their answers by exact ones."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from exact import Exact, judge
from numpy.typing import NDArray
from peertexts import TextSet
from quality import measure
from systems.base import DEPTH, Corpus, Query, Way, fused
from vectorset import TOP

NDCG = "nDCG@10"
# Seconds that a way is asked for, and warmed up for, before it is left in peace: `ts_rank_cd` takes seconds
# for a question of a hundred bigrams.
PATIENCE_S, WARM_UP_S = 30.0, 5.0


class Figures(NamedTuple):
    """Result of a way of asking.

    Attributes:
        p50_ms: median time of a query.
        p95_ms: 95th percentile.
        right: share of the first 10 places that are right; None where its tokens are its own.
        identical: how many answers are right as a whole.
        ndcg: nDCG@10 by the judgments; None where there are none, or not all queries were asked.
    """

    queries: int
    p50_ms: float
    p95_ms: float
    right: float | None
    identical: int
    ndcg: float | None


class Truth:
    """The exact answers: BM25 of every document, and the fusion of the 100 best by it and by cosine."""

    def __init__(self, given: Corpus) -> None:
        self.words = Exact(given.tokens)
        self.vectors = given.vectors / np.linalg.norm(given.vectors, axis=1, keepdims=True)

    def right(self, query: Query, hybrid: bool) -> Right:
        """The answers to one query."""
        words = self.words.scores(query.tokens)
        if not hybrid:
            return Right(words, None)
        deep = min(DEPTH, int((words > 0).sum()))
        near = self.vectors @ query.vec
        return Right(words, fused([ranked(words, deep), ranked(near, DEPTH)]))


class Right(NamedTuple):
    """Exact scores of one query: by words, and fused."""

    words: NDArray[np.float64]
    fused: dict[int, float] | None

    def share(self, found: Sequence[int]) -> float:
        """The share of the first places that are held by documents with the scores of those places."""
        if self.fused is None:
            return judge(self.words, found, TOP).share
        least = sorted(self.fused.values(), reverse=True)[:TOP][-1]
        right = sum(self.fused.get(doc, 0) >= least * (1 - 1e-9) for doc in set(found))
        return right / min(TOP, len(self.fused))


def ranked(scores: NDArray[np.floating], depth: int) -> list[int]:
    """Numbers of the highest scores, best first."""
    return [int(doc) for doc in np.argsort(-scores, kind="stable")[:depth]]


class Asked:
    """Answers so far of one way of asking."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.seconds: list[float] = []
        self.shares: list[float] = []
        self.answers: dict[str, list[int]] = {}

    def ask(self, query: Query, right: Right) -> None:
        if sum(self.seconds) >= PATIENCE_S:
            return
        started = time.perf_counter()
        found = list(self.way.ask(query))
        self.seconds.append(time.perf_counter() - started)
        self.shares.append(right.share(found))
        self.answers[query.id] = found

    def figures(self, given: TextSet) -> Figures:
        p50, p95 = np.percentile(self.seconds, [50, 95]) * 1000
        right = float(np.mean(self.shares)) if self.way.judged else None
        whole = sum(share == 1 for share in self.shares)
        return Figures(len(self.seconds), float(p50), float(p95), right, whole, self.ndcg(given))

    def ndcg(self, given: TextSet) -> float | None:
        if not given.qrels or len(self.answers) < len(given.queries):
            return None
        run = {query: [given.ids[doc] for doc in docs] for query, docs in self.answers.items()}
        return measure(run, given.qrels, [NDCG])[0]


def take(ways: Sequence[Way], given: TextSet, truth: Truth) -> list[Figures]:
    """Ask everything of everyone, in turns, so that a slow moment of the machine hits all alike."""
    for way in ways:
        until = time.perf_counter() + WARM_UP_S
        for query in given.warm_up:
            if time.perf_counter() < until:
                way.ask(query)
    gc.collect()
    gc.freeze()  # some peers hold millions of objects: no pause for them inside a query
    asked = [Asked(way) for way in ways]
    for at, query in enumerate(given.queries):
        rights = {hybrid: truth.right(query, hybrid) for hybrid in {way.hybrid for way in ways}}
        turn = at % len(asked)
        for one in asked[turn:] + asked[:turn]:
            one.ask(query, rights[one.way.hybrid])
    gc.unfreeze()
    return [one.figures(given) for one in asked]
