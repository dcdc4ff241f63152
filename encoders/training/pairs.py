"""Training pairs: a query, a passage that answers it, and passages that do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import msgspec

from encoders.errors import EncoderError
from inputs import lines
from inputs.errors import Bad

# Faults that an error lists.
SHOWN = 10
P = TypeVar("P", bound="TrainingPair | PicturePair")


class PairsInvalid(EncoderError):
    """A file of pairs cannot be trained with."""

    def __init__(self, detail: str, hint: str | None = None) -> None:
        self.hint = hint
        super().__init__(detail)


class TrainingPair(msgspec.Struct, frozen=True, kw_only=True):
    """One pair, as a line of a JSONL file.

    Attributes:
        query: what is asked.
        positive: the passage that answers.
        negatives: passages that do not, hardest first.
        group: document the query is from; pairs of one group are never on both sides of a split.
        source: where the pair is from: `judgments`, `title`, `reference`, `decision`.
        query_id: of the query, where it has one.
        positive_id: external id of the passage.
        negative_ids: of the negatives.
        scores: of a teacher, for the answer and then for each negative; higher is more relevant.
        teacher: encoder or reranker that gave them.
    """

    query: str
    positive: str
    negatives: list[str] = []
    group: str = ""
    source: str = ""
    query_id: str = ""
    positive_id: str = ""
    negative_ids: list[str] = []
    scores: list[float] = []
    teacher: str = ""

    @property
    def fault(self) -> str | None:
        """Reason for which nothing can be learned from it; None: it can."""
        if not self.query.strip() or not self.positive.strip():
            return "its query or its positive is empty"
        if self.scores and len(self.scores) != 1 + len(self.negatives):
            return f"it has {len(self.scores)} scores for {1 + len(self.negatives)} passages"
        return None


class PicturePair(msgspec.Struct, frozen=True, kw_only=True):
    """A picture with a text that says what it shows, as a line of a JSONL file.

    Attributes:
        text: what is said.
        picture: its file; relative to the folder of the pairs' file.
        group: what is never on both sides of a split, such as an item.
        source: where the text is from: `field:title`, `ocr`, `caption`, `metadata:label`.
        item: external id of the item.
    """

    text: str
    picture: str
    group: str = ""
    source: str = ""
    item: str = ""

    @property
    def fault(self) -> str | None:
        """Reason for which nothing can be learned from it; None: it can."""
        empty = not self.text.strip() or not self.picture.strip()
        return "its text or its picture is empty" if empty else None


class PairsFile(msgspec.Struct, Generic[P], frozen=True):
    """Contents of a file of pairs.

    Attributes:
        pairs: the good ones.
        faults: what is wrong with other lines, each with file and line.
        unused: keys that a pair has no place for, by how many lines have them.
    """

    pairs: list[P]
    faults: list[str]
    unused: Counter[str]


@overload
def read(path: Path) -> list[TrainingPair]: ...
@overload
def read(path: Path, kind: type[P]) -> list[P]: ...
def read(path: Path, kind: type[Any] = TrainingPair) -> list[Any]:
    """Read a file of pairs of a kind, all of it.

    Raises:
        PairsInvalid: If a line is no pair; the message names the lines.
        InputUnusable: If it cannot be read.
    """
    found = read_good(path, kind)
    if found.faults:
        more = [f"... and {len(found.faults) - SHOWN:,} more lines"][: len(found.faults) > SHOWN]
        raise PairsInvalid("\n".join(found.faults[:SHOWN] + more))
    return found.pairs


@overload
def read_good(path: Path) -> PairsFile[TrainingPair]: ...
@overload
def read_good(path: Path, kind: type[P]) -> PairsFile[P]: ...
def read_good(path: Path, kind: type[Any] = TrainingPair) -> PairsFile[Any]:
    """Read the valid pairs of a file, and the faults of the others.

    Raises:
        InputUnusable: If it cannot be read.
    """
    found: PairsFile[Any] = PairsFile([], [], Counter())
    for line in lines.records(path):
        try:
            if isinstance(line, Bad):
                raise ValueError(line.reason)
            pair = msgspec.convert(line.value, kind)
            if pair.fault is not None:
                raise ValueError(pair.fault)
            found.pairs.append(pair)
            found.unused.update(line.value.keys() - set(kind.__struct_fields__))
        except ValueError as exc:  # msgspec.ValidationError among them
            found.faults.append(f"{path}:{line.line}: {exc}")
    return found


def write(path: Path, pairs: Sequence[TrainingPair] | Sequence[PicturePair]) -> None:
    """Write pairs, one per line."""
    encoded = (msgspec.json.encode(pair) for pair in pairs)
    path.write_bytes(b"".join(line + b"\n" for line in encoded))


def usable(pairs: Sequence[TrainingPair], negatives: int) -> list[TrainingPair]:
    """Pairs with at least so many negatives.

    Raises:
        PairsInvalid: If none has.
    """
    chosen = [pair for pair in pairs if len(pair.negatives) >= negatives]
    if not chosen:
        most = max((len(pair.negatives) for pair in pairs), default=0)
        raise PairsInvalid(
            f"{len(pairs):,} pairs, and none has {negatives} negatives; the most there are is {most}.",
            f"use fewer: --set negatives={most}; or mine them: seogo pairs mine"
            if pairs
            else "seogo pairs make writes pairs",
        )
    return chosen


def columns(pairs: Sequence[TrainingPair], negatives: int) -> dict[str, list[str]]:
    """Texts by role, each list in the order of the pairs, which have the negatives; see `usable`."""
    texts = {"anchor": [p.query for p in pairs], "positive": [p.positive for p in pairs]}
    return texts | {
        f"negative_{number}": [p.negatives[number] for p in pairs] for number in range(negatives)
    }


def margins(pairs: Sequence[TrainingPair], negatives: int, mean: float) -> list[list[float]]:
    """Margins by which a teacher holds the answer above each negative, one row per pair.

    They are multiplied by one number, so that their mean is `mean`: rerankers and encoders score on
    scales of their own.

    Raises:
        PairsInvalid: If a pair has no scores, there are several teachers, or on the whole they hold
            negatives above answers.
    """
    bare = sum(not pair.scores for pair in pairs)
    teachers = sorted({pair.teacher for pair in pairs})
    if bare or len(teachers) > 1:
        problem = (
            f"{bare:,} of {len(pairs):,} pairs have no scores of a teacher"
            if bare
            else f"pairs are scored by {len(teachers)} teachers: {', '.join(teachers)}"
        )
        raise PairsInvalid(problem, "seogo pairs score PAIRS --encoder NAME --out FILE scores all")
    raw = [[p.scores[0] - other for other in p.scores[1 : 1 + negatives]] for p in pairs]
    found = sum(map(sum, raw)) / (len(raw) * negatives)
    if found <= 0:
        raise PairsInvalid(
            f"{teachers[0]} holds negatives above answers, by {-found:.3g} on average",
            "take another teacher, or mine with a wider --margin",
        )
    return [[mean / found * one for one in row] for row in raw]
