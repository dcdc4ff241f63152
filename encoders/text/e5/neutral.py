"""Removal of the language from vectors of texts.

Vectors of this model lie in one narrow cone per language, so a Korean text is nearer to any Korean
text than to an English one about the same thing. The remedy is to subtract the mean vector of a
text's language (Libovický, Rosa and Fraser 2020, "On the Language Neutrality of Pre-trained
Multilingual Representations"). Three things are particular here:

- The means come from sentences of ours with the same content in each language, not from what is
  searched: a vector does not depend on its collection. Queries and passages have means of their own,
  for the model treats them differently, and passages are several sentences long.
- Most texts mix languages. How much of each is in a text is read off the vector itself: the point
  nearest to it among all mixtures of the means. Subtracting that mixture leaves nothing along the
  directions in which languages differ. Counting letters would be off, for a Hangul syllable weighs
  more than a Latin letter, and names, units and LaTeX in a Korean text are Latin.
- What all means have in common is not the language; `STRENGTH` of it is subtracted as well.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoders.base import Vectors

SENTENCES = "parallel.tsv"
# Sentences that make one passage; queries are one sentence.
PASSAGE_LINES = 3
# Chosen on training queries of SciFact and legal-ko: 1 helps Korean and queries across languages a
# little more and costs English. bench/e5variants.py and bench/crosslingual.py measure it.
STRENGTH = 0.75


class Neutral:
    """Map of vectors of one role, queries or passages."""

    def __init__(self, means: NDArray[np.float32]) -> None:
        """Make it from the mean vectors of the languages, shape (languages, dim)."""
        common = means.mean(axis=0)
        spread = np.linalg.svd(means - common, full_matrices=False)[2]
        # As many directions as languages, less one: the last is noise.
        self._directions = spread[:-1].astype(np.float32)
        self._offset = self._across(STRENGTH * common).astype(np.float32)

    def __call__(self, vectors: Vectors) -> Vectors:
        """Map unit rows to unit rows, shape (n, dim) both."""
        moved = self._across(vectors) - self._offset
        unit: Vectors = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return unit

    def _across(self, vectors: Vectors) -> Vectors:
        """Project out the directions in which languages differ; shape (..., dim)."""
        across: Vectors = vectors - (vectors @ self._directions.T) @ self._directions
        return across


def sentences() -> dict[str, list[str]]:
    """Sentences of the same content, in the same order, by language code."""
    lines = (
        resources.files("encoders.text.e5")
        .joinpath(SENTENCES)
        .read_text(encoding="utf-8")
        .splitlines()
    )
    languages, *rows = (line.split("\t") for line in lines)
    return {language: [row[at] for row in rows] for at, language in enumerate(languages)}


def passages(lines: list[str]) -> list[str]:
    """Lines that stand together, joined to texts as long as a passage."""
    starts = range(0, len(lines), PASSAGE_LINES)
    return [" ".join(lines[start : start + PASSAGE_LINES]) for start in starts]


def write_means(
    path: Path,
    encode_queries: Callable[[list[str]], Vectors],
    encode_passages: Callable[[list[str]], Vectors],
) -> None:
    """Measure the languages' means and keep them: float32 of shape (2, languages, dim), queries first."""
    given = sentences().values()
    queries = [encode_queries(lines).mean(axis=0) for lines in given]
    texts = [encode_passages(passages(lines)).mean(axis=0) for lines in given]
    np.save(path, np.array([queries, texts], dtype=np.float32), allow_pickle=False)


def load(path: Path) -> tuple[Neutral, Neutral]:
    """Load the maps of queries and of passages."""
    queries, texts = np.load(path, allow_pickle=False)
    return Neutral(queries), Neutral(texts)
