"""Learners of fusion profiles, which SQL runs, from judged queries.

A linear model over what the legs contribute at weight 1, its weights not below zero, *is* a profile; so
regression needs no second engine. Ways to scale what a leg says (ranks under several k, scores) are tried
each, and the best on the training queries is kept.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from math import comb
from typing import TYPE_CHECKING, Protocol

import msgspec
import numpy as np

from db.evaluation.tuning import Fusion
from encoders.runtime.optional import require
from jobs.tuning.ascent import climb
from jobs.tuning.fusion import contributions
from jobs.tuning.measures import values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from jobs.tuning.lists import Lists
    from jobs.tuning.measures import Measure
    from jobs.types import Floats, Rows


EXTRA = "tune"
RANK_CONSTANTS = (5, 10, 20, 60, 120)
# So many weightings of the legs are tried per way of scaling, at most.
MOST_WEIGHTINGS = 40
FACTORS = (0.0, 0.5, 0.8, 1.25, 2.0)
ROUNDS = 10
# Items per query that a relevant one is compared with: those ranked highest by any leg teach most.
MOST_PAIRED = 30
PENALTY = 1e-3


class Learner(Protocol):
    """Learns a fusion from some of the queries."""

    def __call__(self, rows: Rows) -> Fusion:
        """The fusion learned from these queries alone."""
        ...


class GridTable(msgspec.Struct, frozen=True, kw_only=True):
    """Means of the measure over all queries of a grid: `values` by weighting and, within, by scaling.

    A weighting has a weight for each of `legs`.
    """

    legs: list[str]
    scalings: list[str]
    weightings: list[list[float]]
    values: list[list[float]]


def name_scaling(fusion: Fusion) -> str:
    """Name a way of scaling: `rrf 60`, or how scores are normalized."""
    return f"rrf {fusion.k_rrf}" if fusion.method == "rrf" else fusion.normalization


def scalings() -> list[Fusion]:
    """The scalings of ranks and scores to try, the same for every leg."""
    plain = Fusion(name="", method="weighted", normalization="minmax", k_rrf=60, weights={})
    ranks = [msgspec.structs.replace(plain, method="rrf", k_rrf=k) for k in RANK_CONSTANTS]
    return [*ranks, plain, msgspec.structs.replace(plain, normalization="zscore")]


def weightings(legs: Sequence[str]) -> list[dict[str, float]]:
    """Weights that add up to 1, in equal steps; single legs and equal weights are among them."""
    steps = 1
    while steps < 10 and comb(steps + len(legs), len(legs) - 1) <= MOST_WEIGHTINGS:
        steps += 1
    even = dict.fromkeys(legs, round(1 / len(legs), 6))
    return [even, *(dict(zip(legs, parts, strict=True)) for parts in _shares(steps, len(legs)))]


class Grid:
    """The best of a fixed set of fusions, of equally good ones the first; each is measured once."""

    def __init__(self, lists: Lists, measure: Measure) -> None:
        self.fusions = [
            msgspec.structs.replace(scaling, weights=weights)
            for scaling in scalings()
            for weights in self._weightings(lists.legs)
        ]
        self.values = np.stack([values(lists, fusion, measure) for fusion in self.fusions])

    def table(self, legs: Sequence[str]) -> GridTable:
        """The means over all queries, by weighting and scaling."""
        weights = self._weightings(legs)
        means = self.values.mean(axis=1).reshape(-1, len(weights)).T
        return GridTable(
            legs=list(legs),
            scalings=[name_scaling(how) for how in scalings()],
            weightings=[[weighting[leg] for leg in legs] for weighting in weights],
            values=means.round(6).tolist(),
        )

    def __call__(self, rows: Rows) -> Fusion:
        """See `Learner`."""
        return self.fusions[int(self.values[:, rows].mean(axis=1).argmax())]

    def _weightings(self, legs: Sequence[str]) -> list[dict[str, float]]:
        return weightings(legs)


class Even(Grid):
    """Every leg alike; only the scaling is learned. With few queries hard to beat.

    Fox, Shaw: Combination of multiple searches, TREC-2, 1994.
    """

    def _weightings(self, legs: Sequence[str]) -> list[dict[str, float]]:
        return [dict.fromkeys(legs, 1.0)]


class Ascent:
    """Coordinate ascent on the measure, from the best of the grid."""

    def __init__(self, lists: Lists, measure: Measure, grid: Grid) -> None:
        self._lists = lists
        self._measure = measure
        self._grid = grid

    def __call__(self, rows: Rows) -> Fusion:
        """See `Learner`."""
        lists = self._lists.rows(rows)

        def value(fusion: Fusion) -> float:
            return float(values(lists, fusion, self._measure).mean())

        return climb(self._grid(rows), lists.legs, _steps, value, ROUNDS)


class Regression:
    """Weights by regression, under the way of scaling that does best on the training queries."""

    def __init__(self, lists: Lists, measure: Measure, *, pairwise: bool) -> None:
        self._lists = lists
        self._measure = measure
        self._features = [(how, contributions(lists, how)) for how in scalings()]
        self._pairs = pairs(lists) if pairwise else None

    def __call__(self, rows: Rows) -> Fusion:
        """See `Learner`."""
        lists = self._lists.rows(rows)
        with _one_thread():
            fitted = [
                msgspec.structs.replace(how, weights=_named(lists.legs, self._fit(given, rows)))
                for how, given in self._features
            ]
        means = [values(lists, fusion, self._measure).mean() for fusion in fitted]
        return fitted[int(np.argmax(means))]

    def _fit(self, features: Floats, rows: Rows) -> Floats:
        if self._pairs is None:
            lists = self._lists
            return pointwise(features[rows], lists.grades[rows], lists.listed[rows])
        return pairwise_logistic(features, self._pairs[np.isin(self._pairs[:, 0], rows)])


def _one_thread() -> AbstractContextManager[object]:
    """Keep the matrix products of fits on one thread.

    A matrix has a column per leg, so its threads wait for each other: with two on a busy machine a logistic
    fit of 60,000 pairs took five times as long.
    """
    for module in ("sklearn.linear_model", "scipy.optimize"):  # limited is what is loaded
        require(module, EXTRA)
    limits: AbstractContextManager[object] = require("threadpoolctl", EXTRA).threadpool_limits(
        1, user_api="blas"
    )
    return limits


def pointwise(features: Floats, grades: Floats, listed: NDArray[np.bool_]) -> Floats:
    """Least squares on grades, both centred per query, weights not below zero; (L,).

    Queries of which no leg lists a relevant item teach nothing and are left out.
    """
    linear = require("sklearn.linear_model", EXTRA)
    there = listed & (grades > 0).any(axis=1, keepdims=True)
    if not there.any():
        return np.ones(features.shape[2])
    count = np.maximum(there.sum(axis=1), 1)
    low = (features * there[..., None]).sum(axis=1) / count[:, None]
    middle = (grades * there).sum(axis=1) / count
    x, y = (features - low[:, None])[there], (grades - middle[:, None])[there]
    model = linear.LinearRegression(positive=True, fit_intercept=False).fit(x, y)
    weights: Floats = np.asarray(model.coef_, dtype=np.float64)
    return weights


def pairwise_logistic(features: Floats, chosen: Rows) -> Floats:
    """Weights under which the better item of a pair scores higher; (L,).

    Logistic loss over differences (Burges et al.: Learning to rank using gradient descent, 2005), every
    query counting alike, with an L2 penalty and weights not below zero.

    Features are of all queries, (Q, M, L); pairs as `pairs` gives them.
    """
    if not len(chosen):
        return np.ones(features.shape[2])
    query, good, bad = chosen.T
    apart = features[query, good] - features[query, bad]
    shares = 1 / np.bincount(query)[query]
    shares /= shares.sum()
    scale = np.maximum(np.abs(apart).max(axis=0), 1e-12)
    apart = apart / scale

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = apart @ weights
        value = shares @ np.logaddexp(0, -margin) + PENALTY * weights @ weights
        slope = -(shares / (1 + np.exp(np.clip(margin, -500, 500)))) @ apart
        return float(value), slope + 2 * PENALTY * weights

    optimize = require("scipy.optimize", EXTRA)
    start, bounds = np.ones(features.shape[2]), [(0, None)] * features.shape[2]
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    weights: Floats = np.asarray(found.x, dtype=np.float64) / scale
    return weights


def pairs(lists: Lists) -> Rows:
    """Query, place of an item, place of a worse one, by which a leg ranks highly; int (P, 3)."""
    best_rank = np.min(np.nan_to_num(lists.ranks, nan=np.inf), axis=2, initial=np.inf)
    found = [
        (query, good, bad)
        for query, (grades, ranks, there) in enumerate(
            zip(lists.grades, best_rank, lists.listed, strict=True)
        )
        for good in np.flatnonzero(grades > 0)
        for bad in _worse(grades, ranks, there, grades[good])
    ]
    return np.array(found, dtype=np.intp).reshape(-1, 3)


def _worse(grades: Floats, ranks: Floats, there: NDArray[np.bool_], grade: float) -> Rows:
    """Places of items with a lower grade, those ranked highest by any leg first."""
    worse = np.flatnonzero(there & (grades < grade))
    return worse[np.argsort(ranks[worse], kind="stable")][:MOST_PAIRED]


def _named(legs: Sequence[str], weights: Floats) -> dict[str, float]:
    """Weights by leg, the largest 1; equal ones where all are zero."""
    if not (largest := float(weights.max())) > 0:
        return dict.fromkeys(legs, 1.0)
    return {leg: round(float(w) / largest, 4) for leg, w in zip(legs, weights, strict=True)}


def _steps(fusion: Fusion, leg: str) -> Iterator[Fusion]:
    """Variants of a fusion in the weight of one leg; zero becomes positive."""
    weight = fusion.weights[leg]
    others = [weight * f for f in FACTORS] if weight else [max(fusion.weights.values()) / 4]
    for other in others:
        weights = fusion.weights | {leg: round(other, 6)}
        if any(weights.values()):
            yield msgspec.structs.replace(fusion, weights=weights)


def _shares(steps: int, n: int) -> Iterator[tuple[float, ...]]:
    """All compositions of 1 into n multiples of 1/`steps`."""
    for bars in combinations(range(steps + n - 1), n - 1):
        edges = (-1, *bars, steps + n - 1)
        yield tuple(round((b - a - 1) / steps, 6) for a, b in pairwise(edges))
