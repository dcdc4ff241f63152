"""Identifiers in a picture: part numbers, serial numbers and models, the surest first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from encoders.labels.layout import Cell
from encoders.labels.pairs import LEAST_CONFIDENCE, Pair

IdentifierKind = Literal["part_number", "serial_number", "model", "unlabelled"]

_KINDS: Final[tuple[IdentifierKind, ...]] = ("part_number", "serial_number", "model")
# A number that no label names is a guess; its score says so.
_UNLABELLED = 0.3
_CODE = re.compile(r"[0-9A-Za-z]+(?:[-._/#+]+[0-9A-Za-z]+)*")
_SPLIT_BY_OCR = re.compile(r"(?<=[0-9A-Za-z])(?: ([-/]) ?|([-/]) )(?=[0-9A-Za-z])")
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
_DATE = re.compile(r"(?:19|20)\d\d[-./]\d\d?(?:[-./]\d\d?)?|\d\d?[-./]\d\d?[-./](?:19|20)?\d\d")
# 24VDC, 50/60Hz, IP65, AC200-220V, 3PH, 0.4kW, 12kg: amounts name nothing.
_AMOUNT = re.compile(
    r"(?:AC|DC|IP|DN|R)?\d[\d.,/~-]*(?:[kmµu]?(?:V|VA|W|A|HZ|PA|N|NM|L|G|M|MM|CM|BAR|TORR)(?:AC|DC)?"
    r"|KGF?|RPM|HP|SCCM|SLM|PSI|PPM|PH|P|DB|S|MIN|H|EA|PCS|C|F|TH|ST|ND|RD)?\d?",
    re.IGNORECASE,
)
_MOST_WORDS = 4
_MOST_SPECKS = 2
_SHORTEST = 3
_SHORTEST_UNLABELLED = 5
_DIGITS_ALONE = 6
_PLAIN = frozenset("0123456789-")


class Identifier(NamedTuple):
    """A number as written, with a score.

    `score` is 0 to 1: confidence of the reading times that of the meaning. `line` is the index of
    the line it stands in.
    """

    raw: str
    kind: IdentifierKind
    score: float
    line: int

    @property
    def source(self) -> str:
        """Source as the database stores it: `ocr:part_number`, `ocr:unlabelled`."""
        return f"ocr:{self.kind}"


def find_identifiers(cells: Sequence[Cell], pairs: Sequence[Pair]) -> list[Identifier]:
    """Collect the numbers that may name a part.

    Characters that OCR confuses are left as read: the database folds them when it compares.

    Args:
        cells: Lines in reading order.
        pairs: Labels and values among them.

    Returns:
        By falling score, then by kind and reading order; each number once per kind.
    """
    order = {cell.line: place for place, cell in enumerate(cells)}
    found = [*_labelled(pairs), *_unlabelled(cells, pairs)]
    found.sort(key=lambda one: (-one.score, _rank(one.kind), order[one.line]))
    named = {one.raw for one in found if one.kind != "unlabelled"}
    unique: dict[tuple[str, str], Identifier] = {}
    for one in found:
        if one.kind != "unlabelled" or one.raw not in named:
            unique.setdefault((one.kind, one.raw), one)
    return list(unique.values())


def _rank(kind: IdentifierKind) -> int:
    return _KINDS.index(kind) if kind in _KINDS else len(_KINDS)


def _labelled(pairs: Sequence[Pair]) -> Iterator[Identifier]:
    for pair in pairs:
        for kind in _KINDS:
            if pair.kind == kind and (raw := code_in(pair.value, whole=kind == "model")):
                yield Identifier(raw, kind, pair.confidence, pair.lines[0])


def code_in(value: str, *, whole: bool) -> str:
    """The number that a value begins with, after at most two specks; empty if there is none.

    Spaces that OCR saw around a hyphen are closed. Words after the last one with a digit are
    remarks (`A533-46 REV`), unless the `whole` of it is the name, as with models.
    """
    words = _SPLIT_BY_OCR.sub(_joint, value.strip()).split()
    for start in range(_MOST_SPECKS + 1):
        raw = " ".join(_code_words(words[start : start + _MOST_WORDS], whole=whole))
        if sum(map(str.isalnum, raw)) >= _SHORTEST and any(map(str.isdigit, raw)):
            return raw
    return ""


def _code_words(words: Sequence[str], *, whole: bool) -> list[str]:
    kept: list[str] = []
    for word in words:
        inner = _AROUND.sub("", word)
        if not _CODE.fullmatch(inner) or (inner.islower() and inner.isalpha()):
            break
        kept.append(inner)
        if word.endswith((",", ";")):
            break
    while kept and not whole and not any(map(str.isdigit, kept[-1])):
        kept.pop()
    return kept


def _joint(match: re.Match[str]) -> str:
    return match[1] or match[2]


def _unlabelled(cells: Sequence[Cell], pairs: Sequence[Pair]) -> Iterator[Identifier]:
    used = {line for pair in pairs for line in (pair.label_line, *pair.lines)}
    for cell in cells:
        if cell.line in used or cell.confidence < LEAST_CONFIDENCE:
            continue
        for match in _CODE.finditer(cell.text):
            if _may_name(match[0]):
                yield Identifier(match[0], "unlabelled", _UNLABELLED * cell.confidence, cell.line)


def _may_name(word: str) -> bool:
    """Whether a word without a label looks like a number that names something."""
    digits, letters = sum(map(str.isdigit, word)), sum(map(str.isalpha, word))
    if not letters:
        return digits >= _DIGITS_ALONE and set(word) <= _PLAIN and not _DATE.fullmatch(word)
    return digits > 0 and digits + letters >= _SHORTEST_UNLABELLED and not _AMOUNT.fullmatch(word)
