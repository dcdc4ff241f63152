"""A fusion learned from made queries, few of its settings free, and the guard that lets it through.

Made queries stand for those of people by their order of legs, not to the last digit, so little is learned:
how much the vectors weigh beside the words, and whether ranks or scores are added up. Scores are scaled to
[0, 1]: of z-scores a leg with one hit would have nothing. The leg of numbers keeps its weight, since made
queries name none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from db.evaluation.tuning import Fusion
from flows.evaluation import compare
from jobs.evaluation.guard import MIN_QUERIES, GuardDecision, decide_no_worse
from jobs.selftuning.asking import NUMBERS
from jobs.tuning.learners import Grid, weightings
from jobs.tuning.lists import NotTunable
from jobs.tuning.measures import Measure, singles, values
from jobs.tuning.validation import LENIENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.evaluation.compare import Comparison, Interval
    from jobs.tuning.lists import Lists
    from jobs.types import Floats, Rows

MEASURE = Measure("nDCG", 10)
FOLDS, SEED = 5, 20
PLAIN = Fusion(name="", method="rrf", normalization="minmax", k_rrf=60, weights={})
SCALINGS = (
    PLAIN,
    msgspec.structs.replace(PLAIN, k_rrf=20),
    msgspec.structs.replace(PLAIN, method="weighted"),
)


class Learned(NamedTuple):
    """A learned fusion, what held-out queries say of it, and the decision.

    Attributes:
        fusion: learned from all queries.
        means: by system on held-out queries.
        gain: over the fusion in use.
        decision: whether it may go live, and why.
    """

    fusion: Fusion
    means: dict[str, Interval]
    gain: Comparison
    decision: GuardDecision


class LegWeights(Grid):
    """Few fusions by weights of the judged legs; of those as good as the best, the most even one.

    As good is within half a standard error, after the one-standard-error rule of Breiman et al.
    (Classification and Regression Trees, 1984): made queries are not those of people, and even weights are
    right on average. Only where legs help each other: of a leg that adds nothing, no more is kept.
    """

    def __init__(self, lists: Lists, measure: Measure, judged: Sequence[str]) -> None:
        self.fusions = [
            msgspec.structs.replace(scaling, weights=weights)
            for scaling in SCALINGS
            for weights in map(scaled, weightings(judged))
        ]
        self.values = np.stack([values(lists, fusion, measure) for fusion in self.fusions])

    def __call__(self, rows: Rows) -> Fusion:
        """See `jobs.tuning.learners.Learner`."""
        given = self.values[:, rows]
        means = given.mean(axis=1)
        best = int(means.argmax())
        less = given[best] - given
        error = less.std(axis=1) / np.sqrt(len(rows))
        alone = [at for at, f in enumerate(self.fusions) if sum(map(bool, f.weights.values())) == 1]
        if (less.mean(axis=1) <= error)[alone].any():
            return self.fusions[best]
        as_good = less.mean(axis=1) <= LENIENCE * error
        even = [
            (min(f.weights.values()), mean) for f, mean in zip(self.fusions, means, strict=True)
        ]
        chosen = max(map(int, np.flatnonzero(as_good)), key=even.__getitem__)
        return self.fusions[chosen]


def scaled(weights: dict[str, float]) -> dict[str, float]:
    """Weights of which the largest is 1, what a leg has that nothing is known of."""
    largest = max(weights.values())
    return {leg: round(weight / largest, 3) for leg, weight in weights.items()}


def learn(lists: Lists, live: Fusion) -> Learned:
    """Learn a fusion, hold it against the best leg and the fusion in use, and decide.

    Raises:
        NotTunable: there is one leg or none to weigh, or there are too few queries.
    """
    judged = [leg for leg in lists.legs if leg != NUMBERS]
    if len(judged) < 2:
        raise NotTunable(
            "there is nothing to weigh: words are the only leg",
            "give the collection vectors: `seogo embed`",
        )
    if len(lists.queries) < MIN_QUERIES:
        raise NotTunable(f"{len(lists.queries)} queries could be made; {MIN_QUERIES} are needed")
    shares = LegWeights(lists, MEASURE, judged)
    held_out = _held_out(lists, shares)
    alone = {name: by for name, by in singles(lists, MEASURE).items() if name != f"leg {NUMBERS}"}
    in_use = values(lists, live, MEASURE)
    systems = {**alone, f"live: {live.name}": in_use, "learned": held_out}
    gain = compare.compare(in_use, held_out, measure=str(MEASURE))
    return Learned(
        fusion=shares(np.arange(len(lists.queries))),
        means={name: compare.interval(by) for name, by in systems.items()},
        gain=gain,
        decision=decide_no_worse(held_out, alone, gain, live.name),
    )


def quieted(fusion: Fusion) -> dict[str, float]:
    """Legs that count for less than half of the strongest one, with their weights."""
    return {leg: weight for leg, weight in fusion.weights.items() if weight < 0.5}


def _held_out(lists: Lists, shares: LegWeights) -> Floats:
    """Value per query of a fusion learned from the queries of other items alone; (Q,).

    In folds of items, made here: scikit-learn, by which judged queries are cut, is not always installed.
    """
    found = np.zeros(len(lists.queries))
    items = [
        ids[at] for ids, at in zip(lists.external_ids, lists.grades.argmax(axis=1), strict=True)
    ]
    places = np.unique(items, return_inverse=True)[1]
    fold = np.random.default_rng(SEED).permutation(int(places.max()) + 1)[places] % FOLDS
    for held in range(FOLDS):
        unseen, seen = np.flatnonzero(fold == held), np.flatnonzero(fold != held)
        if len(unseen) and len(seen):
            found[unseen] = values(lists.rows(unseen), shares(seen), MEASURE)
    return found
