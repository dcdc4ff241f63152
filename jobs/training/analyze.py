"""What a file of pairs is like, and what is wrong with it, as figures and as a page."""

from __future__ import annotations

from collections import Counter
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from jobs.evaluation import plots
from jobs.evaluation.markup import section, table
from jobs.training import split
from jobs.training.texts import TEXTS, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.training.pairs import TrainingPair

QUANTILES = (0.0, 0.1, 0.5, 0.9, 0.99, 1.0)
SHOWN = 15
BINS = 40


class Lengths(msgspec.Struct, frozen=True, kw_only=True):
    """Lengths of texts in characters: quantiles as in `QUANTILES`, and counts between edges."""

    quantiles: list[float]
    counts: list[int]
    edges: list[float]


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a file of pairs.

    Attributes:
        pairs: how many.
        held_out: how many are held out.
        queries: distinct questions.
        groups: distinct documents that they are from.
        sources: pairs by where they are from.
        lengths: by role: query, positive, negative.
        frequent: passages that most pairs have as their answer, with how many do.
        negatives: pairs by the number of their negatives.
        repeated: pairs that are there before.
        false_negatives: pairs with a negative that another pair of the question has as its answer.
        leaks: questions that are held out as well, or nearly.
        shared_groups: documents that are on both sides.
        problems: what should be mended, in words.
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
    leaks: list[split.Leak]
    shared_groups: int
    problems: list[str]


def analyze(pairs: Sequence[TrainingPair], held_out: Sequence[TrainingPair] = ()) -> Analysis:
    """Count, and look for what spoils training: repetitions, answers among negatives, leaks."""
    answers: dict[str, set[str]] = {}
    for pair in pairs:
        answers.setdefault(split.folded(pair.query), set()).add(pair.positive)
    repeated = len(pairs) - len({(split.folded(p.query), p.positive) for p in pairs})
    wrong = sum(bool(answers[split.folded(p.query)] & set(p.negatives)) for p in pairs)
    leaks = split.leaks(pairs, [pair.query for pair in held_out])
    shared = len({p.group for p in pairs if p.group} & {p.group for p in held_out})
    counted = Counter(pair.positive_id or pair.positive[:60] for pair in pairs)
    roles = {
        "query": [p.query for p in pairs],
        "positive": [p.positive for p in pairs],
        "negative": [n for p in pairs for n in p.negatives],
    }
    found = {
        f"{repeated:,} pairs are repeated": repeated,
        f"{wrong:,} pairs have an answer among their negatives": wrong,
        f"{len(leaks):,} questions are held out as well, or nearly": len(leaks),
        f"{shared:,} documents are on both sides": shared,
    }
    return Analysis(
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
        problems=[problem for problem, count in found.items() if count],
    )


def lengths(texts: Sequence[str]) -> Lengths:
    """Lengths of texts; counts up to the 99th percentile, what is longer in the last bin."""
    sizes = np.array([len(text) for text in texts], dtype=np.float64)
    top = max(float(np.quantile(sizes, 0.99)), 1.0)
    counts, edges = np.histogram(np.minimum(sizes, top), bins=BINS, range=(0, top))
    quantiles = [float(np.quantile(sizes, q)) for q in QUANTILES]
    return Lengths(quantiles=quantiles, counts=counts.tolist(), edges=edges.tolist())


def render(found: Analysis) -> str:
    """The whole page."""
    page = Template((files("jobs.evaluation") / "report.html").read_text(encoding="utf-8"))
    parts = [_summary(found), _problems(found), _lengths(found), _frequent(found), _leaks(found)]
    return page.substitute(
        title=escape(TEXTS["title"][0]),
        heading=text("title"),
        body="\n".join(part for part in parts if part),
    )


def _summary(found: Analysis) -> str:
    rows = [
        [text(name), f"{getattr(found, name):,}"]
        for name in ("pairs", "held_out", "queries", "groups")
    ]
    rows += [[f"{text('source')} {escape(name)}", f"{n:,}"] for name, n in found.sources.items()]
    rows += [[text("with_negatives", n=n), f"{count:,}"] for n, count in found.negatives.items()]
    return section("", table(["", text("count")], rows, numbers=1))


def _problems(found: Analysis) -> str:
    names = ("repeated", "false_negatives", "shared_groups")
    rows = [[text(name), f"{getattr(found, name):,}"] for name in names]
    rows.append([text("leaks"), f"{len(found.leaks):,}"])
    return section(
        text("problems"),
        f"<p>{text('problems_note')}</p>",
        table(["", text("count")], rows, numbers=1),
    )


def _lengths(found: Analysis) -> str:
    heads = [text("characters"), *(f"{100 * q:g} %" for q in QUANTILES)]
    rows = [
        [text(role), *(f"{size:,.0f}" for size in given.quantiles)]
        for role, given in found.lengths.items()
    ]
    drawn = [
        f"<h3>{text(role)}</h3>{plots.histogram(given.counts, given.edges)}"
        for role, given in found.lengths.items()
    ]
    return section(text("lengths"), table(heads, rows, numbers=1), *drawn)


def _frequent(found: Analysis) -> str:
    rows = [
        [escape(name), f"{count:,}", plots.share(count / found.pairs)]
        for name, count in found.frequent
    ]
    heads = [text("positive"), text("pairs"), ""]
    return section(text("frequent"), f"<p>{text('frequent_note')}</p>", table(heads, rows))


def _leaks(found: Analysis) -> str:
    rows = [
        [escape(leak.query[:200]), escape(leak.other[:200]), f"{leak.share:.2f}"]
        for leak in found.leaks[:SHOWN]
    ]
    heads = [text("query"), text("held_out"), text("share")]
    return section(text("leaks"), table(heads, rows)) if rows else ""
