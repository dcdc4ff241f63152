"""Probe of a model in training: held-out questions asked among passages, as rankings to be measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from encoders.training.answers import folded
from encoders.training.pairs import TrainingPair

# Deep enough for every measure that is asked for.
DEPTH = 100


class ProbeRanking(NamedTuple):
    """The answer to a question: ids of passages, the best first, and grades of those that answer."""

    found: list[str]
    relevant: dict[str, int]


# Means of measures by name.
Measure = Callable[[Sequence[ProbeRanking]], Mapping[str, float]]


class Probe(NamedTuple):
    """Questions, passages, and which answer which, by their numbers."""

    questions: list[str]
    passages: list[str]
    relevant: list[dict[str, int]]

    def rank(self, model: Any) -> list[ProbeRanking]:
        """Rank the passages for each question by a model of sentence-transformers.

        By cosines, or by the model's own similarity where it has no single vectors. Ties break by the order
        of the passages.
        """
        order = np.argsort(-self._scores(model), axis=1, kind="stable")[:, :DEPTH]
        return [
            ProbeRanking([str(at) for at in row], good)
            for row, good in zip(order, self.relevant, strict=True)
        ]

    def _scores(self, model: Any) -> NDArray[np.float32]:
        """Scores of all passages for each question, shape (questions, passages)."""
        passage = model.prompts.get("document") or model.prompts.get("passage") or ""
        query = model.prompts.get("query") or ""
        if model.model_type == "SentenceTransformer":
            options = {"normalize_embeddings": True, "show_progress_bar": False}
            asked = model.encode(self.questions, prompt=query, **options)
            found: NDArray[np.float32] = (
                asked @ model.encode(self.passages, prompt=passage, **options).T
            )
            return found
        asked = model.encode_query(self.questions, prompt=query, show_progress_bar=False)
        given = model.encode_document(self.passages, prompt=passage, show_progress_bar=False)
        scores: NDArray[np.float32] = model.similarity(asked, given).float().cpu().numpy()
        return scores


def make(
    held_out: Sequence[TrainingPair],
    learned: Sequence[TrainingPair],
    *,
    questions: int,
    pool: int,
) -> Probe:
    """Choose questions and passages from the pairs, the first of each, so that every run has the same.

    Args:
        held_out: pairs whose questions are asked; at least one.
        learned: pairs whose passages fill the pool.
        questions: how many at most.
        pool: passages at most, but for answers, which are all there.
    """
    answers: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for pair in held_out:
        key = folded(pair.query)
        if key in texts or len(texts) < questions:
            texts.setdefault(key, pair.query)
            answers.setdefault(key, []).append(pair.positive)
    numbers = dict.fromkeys(text for good in answers.values() for text in good)
    for pair in (*held_out, *learned):
        for text in (*pair.negatives, pair.positive):
            if len(numbers) < pool:
                numbers.setdefault(text)
    # Ties break by place: answers, which were taken first, must not stand before others.
    mixed = sorted(numbers, key=lambda text: (crc32(text.encode()), text))
    places = {text: str(at) for at, text in enumerate(mixed)}
    relevant = [{places[text]: 1 for text in answers[key]} for key in texts]
    return Probe(list(texts.values()), mixed, relevant)
