"""Quality of text-to-picture search on held-out items, beside chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from encoders.training.export import MODEL
from jobs.errors import JobError
from jobs.training import split

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from encoders.training.projection import Linked
    from jobs.training.sight import PictureParts

# Random rankings whose mean is what chance gives.
_SHUFFLES = 20


class FolderTaken(JobError):
    """The folder of a run holds a model already."""


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """Text-to-picture search among pictures of items that were not learned from.

    Attributes:
        pictures: that were searched.
        texts: that asked.
        precision: mean average precision; with one picture per text, the mean reciprocal rank.
        chance: the same of random rankings.
        known_texts: how many of the texts were learned from, of other pictures.
        known: precision of these; None without any.
        new: precision of the others; None without any.
    """

    pictures: int
    texts: int
    precision: float
    chance: float
    known_texts: int
    known: float | None
    new: float | None

    def __str__(self) -> str:
        parts = [
            f"{name} {value:.3f}"
            for name, value in (
                (f"{self.known_texts:,} texts learned of other pictures", self.known),
                (f"{self.texts - self.known_texts:,} new texts", self.new),
            )
            if value is not None
        ]
        return (
            f"mean average precision {self.precision:.3f}, chance {self.chance:.3f}; {self.texts:,} texts"
            f" over {self.pictures:,} pictures ({'; '.join(parts)})"
        )


def measured(
    reached: NDArray[np.float64], given: Linked, parts: PictureParts, seed: int
) -> Quality:
    """Sum up the average precisions of the texts of the test pairs; shape (texts,)."""
    texts = list(dict.fromkeys(pair.text for pair in parts.test))  # in the order of `given.texts`
    known = parts.known
    seen = np.array([split.folded(text) in known for text in texts])
    return Quality(
        pictures=len(given.pictures),
        texts=len(texts),
        precision=float(reached.mean()),
        chance=_chance(given, seed),
        known_texts=int(seen.sum()),
        known=float(reached[seen].mean()) if seen.any() else None,
        new=None if seen.all() else float(reached[~seen].mean()),
    )


def refuse_taken(out: Path) -> None:
    """Refuse a folder with a model.

    Raises:
        FolderTaken: it has one.
    """
    if (out / MODEL).exists():
        raise FolderTaken(f"{out} holds a model, which a space may be using", "name another folder")


def _chance(given: Linked, seed: int) -> float:
    """Mean average precision of random rankings."""
    rng = np.random.default_rng(seed)
    ranks = np.arange(1, len(given.pictures) + 1)

    def ranked(relevant: NDArray[np.bool_]) -> float:
        found = rng.permutation(relevant)
        return float((np.cumsum(found) / ranks)[found].mean())

    columns = given.positive.T
    return float(np.mean([ranked(column) for column in columns for _ in range(_SHUFFLES)]))
