"""Quality of a model on held-out pairs, independent of the training loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from encoders.training.pairs import TrainingPair


def reciprocal_rank(model: Any, pairs: Sequence[TrainingPair]) -> float:
    """Mean reciprocal rank of the best answer of each question among all passages of the pairs.

    Unlike the loss it is the same measure for every batch size, temperature and loss function. The
    pool is small, so it is higher than on a collection: for comparing models only.

    Args:
        model: a sentence-transformers model.
        pairs: at least one; answers and negatives are the pool.
    """
    answers: dict[str, set[str]] = {}
    for pair in pairs:
        answers.setdefault(pair.query, set()).add(pair.positive)
    pool = list(dict.fromkeys(t for pair in pairs for t in (pair.positive, *pair.negatives)))
    prompt = model.prompts.get("document") or model.prompts.get("passage") or ""
    options = {"normalize_embeddings": True, "show_progress_bar": False}
    questions = model.encode(list(answers), prompt=model.prompts.get("query") or "", **options)
    found = model.encode(pool, prompt=prompt, **options)
    similar = questions @ found.T
    ranks = []
    for row, good in zip(similar, answers.values(), strict=True):
        best = max(row[at] for at, text in enumerate(pool) if text in good)
        ranks.append(1 / (1 + int(np.sum(row > best))))
    return float(np.mean(ranks))
