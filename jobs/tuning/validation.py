"""Grouped, nested cross-validation of learners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar, cast

import numpy as np

from encoders.runtime.optional import require
from jobs.tuning.learners import EXTRA, Ascent, Even, Grid, Regression
from jobs.tuning.lists import NotTunable
from jobs.tuning.measures import values
from jobs.tuning.trees import LambdaMart
from jobs.types import OnShare, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from db.evaluation.tuning import Fusion
    from jobs.tuning.learners import GridTable, Learner
    from jobs.tuning.lists import Grades, Lists
    from jobs.tuning.measures import Measure
    from jobs.types import Floats, Rows

    Folds = Sequence[tuple[Rows, Rows]]

S = TypeVar("S")

Grouping = Literal["linked", "query"]
REPEATS = 3
FEW_QUERIES = 300
# Standard errors that what is simpler may be below the best.
LENIENCE = 0.5


class Splits(NamedTuple):
    """Options of cross-validation.

    Attributes:
        outer: folds that are held out, one after the other.
        inner: folds within what is left, to choose a learner by.
        repeats: splits that are averaged over; with few queries a single one is a lottery. None:
            three for up to 300 queries, one for more.
        seed: the same seed gives the same splits.
    """

    outer: int = 5
    inner: int = 4
    repeats: int | None = None
    seed: int = 20

    def seeds(self, queries: int) -> list[int]:
        """A seed per repeat."""
        repeats = self.repeats or (REPEATS if queries <= FEW_QUERIES else 1)
        return [self.seed + at for at in range(repeats)]


class Validated(NamedTuple):
    """Result of cross-validation.

    Attributes:
        held_out: per learner its value on each query, by fits that have not seen the query, the mean
            over the repeats; (Q,).
        chosen: the same of the learner that an inner cross-validation chose in each fold; (Q,).
        choices: that learner's name per repeat and fold.
        final: the learner chosen on all queries, and what it learns from all of them.
        grid: the means of every fusion of the grid on all queries, none of them held out.
    """

    held_out: dict[str, Floats]
    chosen: Floats
    choices: list[str]
    final: tuple[str, Fusion]
    grid: GridTable


def learners(lists: Lists, measure: Measure, *, trees: bool = False) -> dict[str, Learner]:
    """All learners by name, the simplest first."""
    grid = Grid(lists, measure)
    known: dict[str, Learner] = {
        "equal weights": Even(lists, measure),
        "grid": grid,
        "coordinate ascent": Ascent(lists, measure, grid),
        "pairwise logistic": Regression(lists, measure, pairwise=True),
        "pointwise regression": Regression(lists, measure, pairwise=False),
    }
    if trees:
        known["lambdamart"] = LambdaMart(lists, measure)
    return known


def linked(truth: Grades, own: Mapping[str, str | None]) -> list[int]:
    """Group queries that share a relevant item, or answer each other; a group number per query.

    `own` has the item that a query is, if it is one.
    """
    together: dict[str, str] = {}

    def root(node: str) -> str:
        while (parent := together.setdefault(node, node)) != node:
            node = parent
        return node

    for query, grades in truth.items():
        items = [item for item, grade in grades.items() if grade > 0]
        for item in [*items, own.get(query)]:
            if item is not None:
                together[root(f"item {item}")] = root(f"query {query}")
    names = {name: at for at, name in enumerate(dict.fromkeys(root(f"query {q}") for q in truth))}
    return [names[root(f"query {query}")] for query in truth]


def grouped(grouping: Grouping, truth: Grades, own: Mapping[str, str | None]) -> list[int]:
    """Group queries by the option; a group number per query."""
    return linked(truth, own) if grouping == "linked" else list(range(len(truth)))


def folds(groups: Sequence[int], n: int, seed: int) -> Folds:
    """Split rows into those to learn from and to hold out, whole groups; each is held out once.

    Raises:
        NotTunable: there are fewer groups than folds.
    """
    if len(set(groups)) < n:
        raise NotTunable(
            f"{len(groups)} queries in {len(set(groups))} groups do not make {n} folds",
            "judge more queries, or group them otherwise (--group query)",
        )
    selection = require("sklearn.model_selection", EXTRA)
    splitter = selection.GroupKFold(n, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(groups)), groups=groups))


def held_out(
    groups: Sequence[int], splits: Splits, learn: Callable[[Rows], S], values: Callable[[S], Floats]
) -> Floats:
    """Value per query of settings learned without it, the mean over the repeats; (Q,)."""
    found = np.zeros(len(groups))
    seeds = splits.seeds(len(groups))
    for seed in seeds:
        for seen, unseen in folds(groups, splits.outer, seed):
            found[unseen] += values(learn(seen))[unseen] / len(seeds)
    return found


def cross_validate(
    lists: Lists,
    measure: Measure,
    groups: Sequence[int],
    splits: Splits = Splits(),  # noqa: B008
    on_fold: OnShare = silent,
    *,
    trees: bool = False,
) -> Validated:
    """Measure every learner, and the choice between them, on held-out queries.

    Raises:
        NotTunable: there are too few groups of queries for the folds.
        EncoderNotInstalled: scikit-learn is absent.
    """
    known = learners(lists, measure, trees=trees)
    grid = cast("Grid", known["grid"]).table(lists.legs)
    held_out = {name: np.zeros(len(lists.queries)) for name in known}
    chosen, choices = np.zeros(len(lists.queries)), []
    seeds = splits.seeds(len(lists.queries))
    total = len(seeds) * splits.outer + 1
    for seed in seeds:
        for seen, unseen in folds(groups, splits.outer, seed):
            rest = lists.rows(unseen)
            found = {name: values(rest, fit(seen), measure) for name, fit in known.items()}
            best = choose(lists, measure, known, seen, groups, splits)
            for name, by_query in found.items():
                held_out[name][unseen] += by_query / len(seeds)
            chosen[unseen] += found[best] / len(seeds)
            choices.append(best)
            on_fold(len(choices), total)
    everything = np.arange(len(lists.queries))
    final = choose(lists, measure, known, everything, groups, splits)
    on_fold(total, total)
    return Validated(held_out, chosen, choices, (final, known[final](everything)), grid)


def choose(
    lists: Lists,
    measure: Measure,
    known: Mapping[str, Learner],
    rows: Rows,
    groups: Sequence[int],
    splits: Splits,
) -> str:
    """Choose the simplest learner that is as good as the best one, on held-out queries.

    As good: its mean is not further below the best than `LENIENCE` standard errors of their difference
    by query (the rule of Breiman et al., Classification and Regression Trees, 1984, paired). Among few
    queries the highest of several means is high by luck as well. With few queries means are over several
    splits, as everywhere.
    """
    seeds = splits.seeds(len(rows))
    found = {name: np.zeros(len(rows)) for name in known}
    for seed in seeds:
        for seen, unseen in folds([groups[at] for at in rows], splits.inner, seed):
            rest = lists.rows(rows[unseen])
            for name, learner in known.items():
                by_query = values(rest, learner(rows[seen]), measure)
                found[name][unseen] += by_query / len(seeds)
    best = max(found, key=lambda name: found[name].mean())
    return next(name for name in found if _as_good(found[name], found[best]))


def _as_good(simpler: Floats, best: Floats) -> bool:
    """Whether a mean is within the tolerance below another one, of the same queries."""
    lost = best - simpler
    return bool(lost.mean() <= LENIENCE * lost.std(ddof=1) / np.sqrt(len(lost)))
