"""Analysis of a file of training pairs: statistics and faults, as data and as a page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from flows.reports import markup
from jobs.evaluation import plots
from jobs.training import split
from jobs.training.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.training.pairs import TrainingPair

QUANTILES = (0.0, 0.1, 0.5, 0.9, 0.99, 1.0)
SHOWN = 15
BINS = 40
PROBLEMS = (
    "pairs are repeated",
    "pairs have an answer among their negatives",
    "questions are held out as well, or nearly",
    "documents are on both sides",
)


class Lengths(msgspec.Struct, frozen=True, kw_only=True):
    """Lengths of texts in characters: quantiles as in `QUANTILES`, and counts between edges."""

    quantiles: list[float]
    counts: list[int]
    edges: list[float]


class PairsAnalysis(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics and faults of a file of pairs.

    Queries and groups are counted once; lengths are by role; `frequent` are answers with the number of their
    pairs. Leaks and shared groups are on both sides.
    """

    pairs: int
    held_out: int
    queries: int
    groups: int
    sources: dict[str, int]
    lengths: dict[str, Lengths]
    frequent: list[tuple[str, int]]
    negatives: dict[int, int]
    repeated: int
    false_negatives: int
    leaks: list[split.QueryLeak]
    shared_groups: int
    problems: list[str]


def analyze(pairs: Sequence[TrainingPair], held_out: Sequence[TrainingPair] = ()) -> PairsAnalysis:
    """Analyse pairs: counts, repetitions, answers among negatives, leaks."""
    answers: dict[str, set[str]] = {}
    for pair in pairs:
        answers.setdefault(split.folded(pair.query), set()).add(pair.positive)
    repeated = len(pairs) - len({(split.folded(p.query), p.positive) for p in pairs})
    wrong = sum(bool(answers[split.folded(p.query)] & set(p.negatives)) for p in pairs)
    leaks = split.leaks(pairs, [p.query for p in held_out])
    shared = len({p.group for p in pairs if p.group} & {p.group for p in held_out})
    counted = Counter(pair.positive_id or pair.positive[:60] for pair in pairs)
    roles = {
        "query": [p.query for p in pairs],
        "positive": [p.positive for p in pairs],
        "negative": [n for p in pairs for n in p.negatives],
    }
    counts = (repeated, wrong, len(leaks), shared)
    return PairsAnalysis(
        pairs=len(pairs),
        held_out=len(held_out),
        queries=len(answers),
        groups=len({p.group for p in pairs}),
        sources=dict(Counter(p.source or "-" for p in pairs).most_common()),
        lengths={role: lengths(texts) for role, texts in roles.items() if texts},
        frequent=counted.most_common(SHOWN),
        negatives=dict(sorted(Counter(len(p.negatives) for p in pairs).items())),
        repeated=repeated,
        false_negatives=wrong,
        leaks=leaks,
        shared_groups=shared,
        problems=[f"{n:,} {what}" for n, what in zip(counts, PROBLEMS, strict=True) if n],
    )


def lengths(texts: Sequence[str]) -> Lengths:
    """Lengths of texts; counts up to the 99th percentile, what is longer in the last bin."""
    sizes = np.array([len(text) for text in texts], dtype=np.float64)
    top = max(float(np.quantile(sizes, 0.99)), 1.0)
    counts, edges = np.histogram(np.minimum(sizes, top), bins=BINS, range=(0, top))
    quantiles = [float(np.quantile(sizes, q)) for q in QUANTILES]
    return Lengths(quantiles=quantiles, counts=counts.tolist(), edges=edges.tolist())


def render(found: PairsAnalysis) -> str:
    """Render the analysis as a page.

    Raises:
        EncoderNotInstalled: matplotlib is absent.
    """
    quantiles = [f"{100 * q:g} %" for q in QUANTILES]
    return markup.render(
        "pairs.html", "title", TEXTS, name="", found=found, quantiles=quantiles, plots=plots
    )
