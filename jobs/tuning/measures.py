"""Vectorized measures of rankings, equal to `eval.query_metrics`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from jobs.errors import JobError
from jobs.tuning.fusion import fused, ranked, single

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from db.evaluation.tuning import Fusion
    from jobs.tuning.lists import Lists
    from jobs.types import Floats


KINDS = ("nDCG", "R", "P", "Success", "RR")


class BadMeasure(JobError):
    """The measure is unsuitable for tuning."""


class Measure(NamedTuple):
    """A measure such as nDCG@10: its kind and its depth."""

    kind: str
    k: int

    def __str__(self) -> str:
        return f"{self.kind}@{self.k}"

    @classmethod
    def parse(cls, name: str) -> Measure:
        """Read a name as `eval.metrics` spells it.

        Raises:
            BadMeasure: it is unknown or has no depth.
        """
        found = re.fullmatch(rf"({'|'.join(KINDS)})@([1-9]\d{{0,3}})", name)
        if found is None:
            hint = f"one of {', '.join(f'{kind}@10' for kind in KINDS)}, at any depth"
            raise BadMeasure(f"cannot tune for {name}", hint)
        return cls(found[1], int(found[2]))

    def of_scores(self, lists: Lists, scores: Floats) -> Floats:
        """Value per query of rankings by score (Q, M), -inf where an item is not found; (Q,)."""
        order = ranked(scores, self.k)
        grades = np.take_along_axis(lists.grades, order, axis=1)
        grades = np.where(np.isinf(np.take_along_axis(scores, order, axis=1)), 0, grades)
        return self.of_grades(grades, lists.best)

    def of_grades(self, grades: Floats, best: Floats) -> Floats:
        """Value per query of grades in rank order (Q, k), with all positive grades (Q, J); (Q,)."""
        hits = grades > 0
        found: Floats
        match self.kind:
            case "nDCG":
                found = _ratio(_dcg(grades), _dcg(best[:, : self.k]))
            case "R":
                found = _ratio(hits.sum(axis=1), (best > 0).sum(axis=1))
            case "P":
                found = np.asarray(hits.sum(axis=1) / self.k)
            case "Success":
                found = np.asarray(hits.any(axis=1), dtype=np.float64)
            case _:
                gains: Floats = hits / np.arange(1, hits.shape[1] + 1)
                found = gains.max(axis=1, initial=0.0)
        return found


def values(lists: Lists, fusion: Fusion, measure: Measure) -> Floats:
    """Value of a fusion per query; (Q,)."""
    return measure.of_scores(lists, fused(lists, fusion))


def singles(lists: Lists, measure: Measure) -> dict[str, Floats]:
    """Value per query of each leg alone, by name; (Q,) each."""
    return {f"leg {leg}": measure.of_scores(lists, single(lists, leg)) for leg in lists.legs}


def _dcg(grades: Floats) -> Floats:
    discounted: Floats = grades @ (1 / np.log2(np.arange(2, grades.shape[1] + 2)))
    return discounted


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    out = np.zeros(len(part))
    found: Floats = np.divide(part, whole, out=out, where=whole != 0)
    return found
