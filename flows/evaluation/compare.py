"""Comparison of two runs on the same queries by resampling tests.

The interval of the mean difference is the percentile bootstrap over queries (Efron, Tibshirani: An
Introduction to the Bootstrap, 1993). Two p values, both two-sided: the bootstrap's, from differences
shifted to mean zero (Sakai: Evaluating evaluation metrics based on the bootstrap, SIGIR 2006), and the
randomisation test's, which flips the sign of each difference at random (Smucker, Allan, Carterette: A
comparison of statistical significance tests for information retrieval evaluation, CIKM 2007). A p value
counts the observed arrangement as one of those drawn, so it is never zero (Phipson, Smyth 2010).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from db.evaluation import evals, query_sets
from flows.effects import Compute
from flows.errors import FlowError
from flows.evaluation import depth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from db.evaluation.rows import QueryMetric
    from flows.effects import Flow

    Floats: TypeAlias = NDArray[np.float64]

RESAMPLES = 10_000
SEED = 20
CONFIDENCE = 0.95
# Numbers held at once; 10,000 resamples of 10,000 queries would be 800 MB.
CELLS = 4_000_000


class NotComparable(FlowError):
    """Two runs are not comparable query by query."""


class Interval(msgspec.Struct, frozen=True):
    """A mean and its confidence interval."""

    mean: float
    low: float
    high: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Comparison of two systems under one measure; differences are the second minus the first.

    Means are of the first and the second, p values two-sided; `wins`: queries on which the second is better.
    """

    measure: str
    queries: int
    means: tuple[float, float]
    difference: Interval
    p_bootstrap: float
    p_randomisation: float
    wins: int
    losses: int
    ties: int


class Change(msgspec.Struct, frozen=True):
    """The values of a query in the first and in the second run."""

    query: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        """After minus before."""
        return self.after - self.before


def compare_runs(
    first: int,
    second: int,
    measures: Sequence[str] | None = None,
    source: str | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Flow[dict[str, tuple[Comparison, list[Change]]]]:
    """Compare two runs of one query set under each measure.

    Returns:
        Per measure the comparison, and every query, the greatest loss first.

    Raises:
        NotComparable: they are runs of different sets, one is not finished, or a measure without a
            depth stops in them at different ranks.
    """
    yield from _check_same_set(first, second)
    if measures is not None:
        yield from _check_same_depth((first, second), measures)
    tables = []
    for run in (first, second):
        rows = yield evals.query_metrics(run_id=run, measures=measures, source=source)
        tables.append(_by_measure(rows))
    results = {}
    for measure, before in tables[0].items():
        after = tables[1][measure]
        pair = [np.array([values[query] for query in before]) for values in (before, after)]
        work = partial(compare, *pair, measure=measure, resamples=resamples, seed=seed)
        compared = yield Compute(work)
        changes = [Change(query, before[query], after[query]) for query in before]
        results[measure] = compared, sorted(changes, key=lambda c: (c.difference, c.query))
    return results


def compare(
    first: Floats,
    second: Floats,
    *,
    measure: str = "",
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Comparison:
    """Compare values of the same queries, in the same order; shape (queries,) each.

    Raises:
        ValueError: the shapes differ, or there is no query.
    """
    if first.shape != second.shape or first.ndim != 1 or not len(first):
        raise ValueError(f"values of the same queries wanted, got {first.shape}, {second.shape}")
    each = second - first
    observed = abs(each.mean())
    means = bootstrap_means(each, resamples, seed)
    flipped = _resampled(len(each), resamples, seed + 1, lambda rng, n: rng.integers(2, size=n))
    signed = np.concatenate([(2 * signs - 1) @ each / len(each) for signs in flipped])
    return Comparison(
        measure=measure,
        queries=len(each),
        means=(float(first.mean()), float(second.mean())),
        difference=_interval(each, means),
        p_bootstrap=_p_value(means - each.mean(), observed),
        p_randomisation=_p_value(signed, observed),
        wins=int((each > 0).sum()),
        losses=int((each < 0).sum()),
        ties=int((each == 0).sum()),
    )


def interval(values: Floats, *, resamples: int = RESAMPLES, seed: int = SEED) -> Interval:
    """The mean of values of shape (queries,) and its percentile bootstrap interval."""
    return _interval(values, bootstrap_means(values, resamples, seed))


def bootstrap_means(values: Floats, resamples: int, seed: int) -> Floats:
    """Means of samples drawn with replacement; shape (resamples,)."""
    n = len(values)
    drawn = _resampled(n, resamples, seed, lambda rng, size: rng.integers(n, size=size))
    return np.concatenate([values[rows].mean(axis=1) for rows in drawn])


def _interval(values: Floats, means: Floats) -> Interval:
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(float(values.mean()), float(low), float(high))


def _p_value(under_null: Floats, observed: float) -> float:
    """Share of draws at least as far from zero; equal up to rounding counts."""
    return float((1 + (np.abs(under_null) >= observed - 1e-12).sum()) / (1 + len(under_null)))


def _resampled(
    n: int,
    resamples: int,
    seed: int,
    draw: Callable[[np.random.Generator, tuple[int, int]], NDArray[np.int64]],
) -> Iterator[NDArray[np.int64]]:
    """Draw rows of length n in blocks, `resamples` rows in all."""
    rng = np.random.default_rng(seed)
    step = max(1, CELLS // n)
    for start in range(0, resamples, step):
        yield draw(rng, (min(step, resamples - start), n))


def _by_measure(rows: Sequence[QueryMetric]) -> Mapping[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    for row in rows:
        table.setdefault(row.measure, {})[row.query] = row.value
    return table


def _check_same_set(first: int, second: int) -> Flow[None]:
    runs = []
    for run_id in (first, second):
        runs += yield evals.run(run_id=run_id)
    if runs[0].query_set != runs[1].query_set:
        raise NotComparable(
            f"run {first} asked the set {runs[0].query_set}, run {second} {runs[1].query_set}",
            "runs are compared query by query: choose two of the same set (`seogo eval list`)",
        )
    for run in runs:
        if run.finished_at is None:
            raise NotComparable(f"run {run.run_id} was never finished", "run it again")


def _check_same_depth(runs: tuple[int, int], measures: Sequence[str]) -> Flow[None]:
    cut = depth.cuts((yield query_sets.cut(run_ids=runs)))
    for measure in measures:
        names = [depth.named(measure, run, cut) for run in runs]
        if names[0] != names[1]:
            least = min(cut.values())
            raise NotComparable(
                f"{measure} is {names[0]} of run {runs[0]} and {names[1]} of run {runs[1]}",
                f"name a depth that both have, such as {measure}@{least}",
            )
