"""Accuracy of classification by neighbours, overall and per class, from a confusion matrix."""

from __future__ import annotations

from collections import Counter
from math import sqrt
from typing import TYPE_CHECKING

import msgspec

from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.search.classes import ConfusionCell


class ClassFigures(msgspec.Struct, frozen=True):
    """Figures of a class: `items` are in it, `predicted` were put into it, `right` of them rightly."""

    name: str
    items: int
    predicted: int
    right: int

    @property
    def precision(self) -> float:
        """Share of those put into it that are in it; 0 where none were."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of those in it that were put into it; 0 where none are."""
        return self.right / self.items if self.items else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / (self.items + self.predicted) if self.right else 0.0


class ClassReport(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a classification.

    `low` and `high` bound the accuracy at 95 % (Wilson, 1927). `majority` is the accuracy of always
    saying the largest class. `macro_f1` is the mean over the classes. `unanswered` counts items by why they
    have no answer; they count as wrong.
    """

    items: int
    right: int
    low: float
    high: float
    majority: float
    macro_f1: float
    classes: list[ClassFigures]
    cells: list[ConfusionCell]
    unanswered: dict[str, int]

    @property
    def accuracy(self) -> float:
        """Share of the items that were put into their class."""
        return self.right / self.items


def summarize(cells: Sequence[ConfusionCell], what: str) -> ClassReport:
    """Compute the figures of a confusion matrix.

    Raises:
        JobError: it is empty; `what` names the key.
    """
    truth, predicted, right, unanswered = (Counter[str]() for _ in range(4))
    for cell in cells:
        truth[cell.truth] += cell.items
        if cell.predicted is None:
            unanswered[cell.state] += cell.items
            continue
        predicted[cell.predicted] += cell.items
        right[cell.truth] += cell.items if cell.predicted == cell.truth else 0
    total = truth.total()
    if not total:
        raise JobError(f"no item has {what}", "`seogo search -c NAME --facet KEY` shows keys")
    names = sorted({*truth, *predicted}, key=lambda name: (-truth[name], name))
    figures = [ClassFigures(name, truth[name], predicted[name], right[name]) for name in names]
    low, high = _wilson(right.total(), total)
    return ClassReport(
        items=total,
        right=right.total(),
        low=low,
        high=high,
        majority=max(truth.values()) / total,
        macro_f1=sum(one.f1 for one in figures) / len(figures),
        classes=figures,
        cells=list(cells),
        unanswered=dict(unanswered),
    )


def _wilson(right: int, total: int) -> tuple[float, float]:
    z = 1.96
    share = right / total
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z * sqrt(share * (1 - share) / total + z**2 / (4 * total**2)) / (1 + z**2 / total)
    return middle - half, middle + half
