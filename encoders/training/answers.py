"""Known answers: which passages answer a question, by every pair that asks it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoders.training.pairs import TrainingPair


class KnownAnswers(NamedTuple):
    """Passages of pairs by number, and the numbers that answer each pair's question.

    Attributes:
        passages: numbers of a pair's answer and then of its negatives, one row per pair.
        answers: numbers of all answers to its question, one set per pair.
    """

    passages: list[list[int]]
    answers: list[frozenset[int]]

    def hidden(self, rows: Sequence[int], columns: int) -> NDArray[np.bool_]:
        """Tell which passages of a batch are no negatives of its questions.

        Args:
            rows: the pairs of the batch.
            columns: passages of each pair that are in the batch; the answer is the first.

        Returns:
            Shape (pairs, columns x pairs), the answers of all pairs first, then their first negatives;
            true where a passage answers the question of a row by another pair. A pair's own answer is
            never hidden.
        """
        shown = np.array([self.passages[row][:columns] for row in rows]).T.reshape(-1)
        found = np.array([np.isin(shown, list(self.answers[row])) for row in rows])
        found[np.arange(len(rows)), np.arange(len(rows))] = False
        return found


def folded(text: str) -> str:
    """Normalize a text for comparison: letters and digits only, lower case."""
    return re.sub(r"\W+", "", text.casefold())


def collect(pairs: Sequence[TrainingPair]) -> KnownAnswers:
    """Collect the answers of each question, questions compared by their letters and digits."""
    numbers: dict[str, int] = {}
    asked: dict[str, set[int]] = {}
    passages = []
    for pair in pairs:
        row = [numbers.setdefault(text, len(numbers)) for text in (pair.positive, *pair.negatives)]
        passages.append(row)
        asked.setdefault(folded(pair.query), set()).add(row[0])
    return KnownAnswers(passages, [frozenset(asked[folded(pair.query)]) for pair in pairs])
