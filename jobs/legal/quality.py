"""Quality report of passages: repeated ids and texts, lengths, missing dates and titles."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from jobs.training.split import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobs.recipes.legal import Passage

QUANTILES = (0.0, 0.1, 0.5, 0.9, 0.99, 1.0)
SHORTEST = 15
# Longer than so many times the 90th percentile: mostly tables, or several articles in one.
OUTLIER = 8.0


class QualityReport(msgspec.Struct, frozen=True, kw_only=True):
    """Quality figures of a set of passages.

    Quantiles are of lengths in characters; `repeated_texts` are passages that repeat one of their document,
    `short` and `long` ids of passages far from the others in length.
    """

    passages: int
    documents: int
    kinds: dict[str, int]
    quantiles: list[float]
    repeated_ids: list[str]
    repeated_texts: list[str]
    short: list[str]
    long: list[str]
    undated: int
    untitled: int
    deleted: int


def report(passages: Sequence[Passage], deleted: int = 0) -> QualityReport:
    """Compute the quality figures of passages."""
    sizes = np.array([len(p.text) for p in passages], dtype=np.float64)
    bound = OUTLIER * float(np.quantile(sizes, 0.9)) if len(sizes) else 0.0
    ids = Counter(p.id for p in passages)
    seen: set[tuple[str, str]] = set()
    repeated = []
    for passage in passages:
        key = (passage.doc, folded(passage.text))
        if key in seen:
            repeated.append(passage.id)
        seen.add(key)
    return QualityReport(
        passages=len(passages),
        documents=len({p.doc for p in passages}),
        kinds=dict(Counter(p.kind for p in passages).most_common()),
        quantiles=[float(np.quantile(sizes, q)) for q in QUANTILES] if len(sizes) else [],
        repeated_ids=[name for name, count in ids.items() if count > 1],
        repeated_texts=repeated,
        short=[p.id for p in passages if len(p.text.strip()) < SHORTEST],
        long=[p.id for p in passages if len(p.text) > bound],
        undated=sum(not p.effective for p in passages),
        untitled=sum(p.kind != "precedent" and not p.title for p in passages),
        deleted=deleted,
    )
