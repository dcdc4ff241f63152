"""Pairing of labels with values: in the same line, beside it, or below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from encoders.labels.layout import Cell
from encoders.labels.vocabulary import Kind, Label, known

# Lines less sure than this are neither labels nor values.
LEAST_CONFIDENCE = 0.3
# How far a value may be from its label, in heights of the label.
_FARTHEST_BESIDE = 20.0
_FARTHEST_BELOW = 2.0
# Pieces of one value, found as separate lines, are closer than this.
_SAME_VALUE = 1.0
# A value this far to the right is given up for one right below.
_FAR_BESIDE = 6.0
_CODES: frozenset[Kind] = frozenset({"part_number", "serial_number", "model"})
_NUMBERED: frozenset[Kind] = _CODES | {"rating", "date"}
# Letters of AC, DC.
_SIGN = 2
_WORDS: frozenset[Kind] = frozenset({"maker", "origin"})
_SEPARATOR = re.compile(r"[\s:=.#·]*")
_LABEL_END = re.compile(r"\.?\s*[:=#]|\.?\s|\.?$")
_AFTER_NO = re.compile(r"\.[0-9A-Za-z]")
# Bullets, brackets and specks before a label.
_BEFORE = re.compile(r"\W{0,3}")
# "형식 (MODEL)", "S/N / 제조번호": the same label in the other language.
_SECOND_LANGUAGE = re.compile(r"\.?\s*[(\[/]?\s*")
_CLOSED = re.compile(r"\s*[)\]]?")
_STOP = re.compile("[:=]")
_LONGEST = 32
_WORD_START = re.compile(r"(?<![0-9A-Za-z가-힣])[0-9A-Za-z가-힣]")


class Pair(NamedTuple):
    """A label and its value as read; `lines` are the indexes of the value's lines."""

    kind: Kind
    label: str
    value: str
    confidence: float
    label_line: int
    lines: tuple[int, ...]


class _OpenLabel(NamedTuple):
    """A label whose value is not in its own line."""

    cell: Cell
    text: str
    label: Label


class _LabelMatch(NamedTuple):
    """A label within a line, from `start`; the value begins at `stop`."""

    start: int
    stop: int
    text: str
    label: Label


def find_pairs(cells: Sequence[Cell]) -> list[Pair]:
    """Pair labels with values.

    Args:
        cells: Lines in reading order, as `layout.arrange` gives them.

    Returns:
        Pairs in the order of their labels.
    """
    pairs: list[Pair] = []
    openings: list[_OpenLabel] = []
    labelled: set[int] = set()
    for cell in cells:
        found = find_labels(cell.text) if cell.confidence >= LEAST_CONFIDENCE else []
        for label, value in _values(cell.text, found):
            labelled.add(cell.line)
            if value:
                sure = cell.confidence * label.label.certainty
                kind = label.label.kind
                pairs.append(Pair(kind, label.text, value, sure, cell.line, (cell.line,)))
            else:
                openings.append(_OpenLabel(cell, label.text, label.label))
    pairs += _elsewhere(openings, cells, labelled)
    order = {cell.line: place for place, cell in enumerate(cells)}
    return sorted(pairs, key=lambda pair: (order[pair.label_line], order[pair.lines[0]]))


def find_labels(text: str) -> list[_LabelMatch]:
    """Labels in a line: one that begins it, and further ones that a colon or the like follows."""
    begin = _end(_BEFORE, text, 0)
    found: list[_LabelMatch] = []
    for match in _WORD_START.finditer(text, begin):
        start = match.start()
        if found and start < found[-1].stop:
            continue
        label = _label_at(text, start)
        if label is not None and (start == begin or _stands_out(text, label)):
            found.append(label)
    return found


def _label_at(text: str, start: int) -> _LabelMatch | None:
    """Label at a position, with its name in the other language if that follows."""
    first = _one_label(text, start)
    if first is None:
        return None
    stop, label = first
    second = _one_label(text, _end(_SECOND_LANGUAGE, text, stop))
    if second is not None and second[1].kind == label.kind:
        stop = _end(_CLOSED, text, second[0])
    return _LabelMatch(start, _end(_SEPARATOR, text, stop), text[start:stop], label)


def _one_label(text: str, start: int) -> tuple[int, Label] | None:
    """Longest known label at a position, and its end."""
    colon = _STOP.search(text, start)
    farthest = min(colon.start() if colon else len(text), start + _LONGEST)
    for stop in range(farthest, start, -1):
        label = known(text[start:stop]) if text[stop - 1].isalnum() else None
        if label is not None and _ends(text, start, stop):
            return stop, label
    return None


def _ends(text: str, start: int, stop: int) -> bool:
    """Whether a label may end there: before a colon, a space or nothing, or at a change of script."""
    if _LABEL_END.match(text, stop):
        return True
    label, following = text[start:stop], text[stop]
    if "가" <= label[-1] <= "힣":
        return following.isascii()
    if _AFTER_NO.match(text, stop):
        return label.casefold().endswith("no")
    return following in ")]/" or (
        "/" in label and not (following.isascii() and following.isalpha())
    )


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    """End of the match of a pattern; `start` without a match."""
    match = pattern.match(text, start)
    return match.end() if match else start


def _stands_out(text: str, label: _LabelMatch) -> bool:
    """A label in the middle of a line needs a colon after it: its word may belong to the value."""
    return any(mark in text[label.start + len(label.text) : label.stop] for mark in ":=#")


def _values(text: str, found: list[_LabelMatch]) -> Iterator[tuple[_LabelMatch, str]]:
    for label, following in zip_longest(found, found[1:]):
        value = text[label.stop : following.start if following else len(text)].strip(" ,;|")
        if value and not _stands_out(text, label) and not _fits(label.label.kind, value):
            if len(found) > 1:
                yield label, value
            continue  # "POWER SUPPLY", "TYPE examination": words that only look like a label
        yield label, value


def _fits(kind: Kind, value: str) -> bool:
    """Whether a value after a mere space is one: names may be words, numbers have a digit.

    An amount begins with one, or with a sign as short as `AC`: `INPUT UNIT 2` is a name.
    """
    if kind in _WORDS or not value.isascii():
        return True
    first = value.split()[0]
    amount = kind not in _CODES and len(first) > _SIGN
    return any(map(str.isdigit, first if amount else value))


def _elsewhere(openings: list[_OpenLabel], cells: Sequence[Cell], labelled: set[int]) -> list[Pair]:
    """Values beside or below their labels; each line is the value of one label at most."""
    free = [c for c in cells if c.line not in labelled and c.text]
    free = [c for c in free if c.confidence >= LEAST_CONFIDENCE]
    pairs = []
    taken: set[int] = set()
    waiting: list[tuple[_OpenLabel, Cell]] = []
    for opening in openings:
        beside, below = _beside(opening.cell, cells, free), _below(opening.cell, free)
        if beside is not None and (below is None or not _rather_below(opening, beside, below)):
            pairs.append(_joined(opening, beside, free, taken))
        elif below is not None:
            waiting.append((opening, below))
    # The nearer label first: of two above each other the lower one means what follows.
    for opening, below in sorted(waiting, key=lambda one: one[1].top - one[0].cell.bottom):
        if below.line not in taken:
            pairs.append(_joined(opening, below, free, taken))
    return pairs


def _beside(label: Cell, cells: Sequence[Cell], free: list[Cell]) -> Cell | None:
    """The next line of the row, if it is free."""
    row = [c for c in cells if c.row == label.row and c.left > label.left]
    following = min(row, key=lambda c: (c.left, c.middle), default=None)
    if following is None or following not in free:
        return None
    near = following.left - label.right <= _FARTHEST_BESIDE * label.height
    return following if near else None


def _below(label: Cell, free: list[Cell]) -> Cell | None:
    """The nearest line underneath that begins with the label or overlaps it for the most part."""
    fitting = []
    for cell in free:
        gap = cell.top - label.bottom
        shared = min(cell.right, label.right) - max(cell.left, label.left)
        narrower = min(cell.right - cell.left, label.right - label.left)
        aligned = abs(cell.left - label.left) < 1.5 * label.height or shared > 0.5 * narrower
        near = -0.5 * label.height < gap < _FARTHEST_BELOW * label.height
        if aligned and near and cell.middle > label.middle:
            fitting.append(cell)
    return min(fitting, key=lambda c: (c.top, abs(c.left - label.left)), default=None)


def _rather_below(opening: _OpenLabel, beside: Cell, below: Cell) -> bool:
    """Whether a label with neighbours on both sides means the lower one."""
    label = opening.cell
    if opening.label.kind not in _NUMBERED or not any(c.isdigit() for c in below.text):
        return False
    aligned = abs(below.left - label.left) < label.height
    far = beside.left - label.right > _FAR_BESIDE * label.height
    return not any(c.isdigit() for c in beside.text) or (aligned and far)


def _joined(opening: _OpenLabel, first: Cell, free: list[Cell], taken: set[int]) -> Pair:
    """The pair, with the neighbours that continue its value."""
    value = [first]
    for cell in sorted((c for c in free if c.row == first.row), key=lambda c: (c.left, c.middle)):
        gap = cell.left - value[-1].right
        if cell.left > value[-1].left and gap < _SAME_VALUE * first.height:
            value.append(cell)
    taken.update(cell.line for cell in value)
    sure = min(opening.cell.confidence, *(c.confidence for c in value)) * opening.label.certainty
    text = _SEPARATOR.sub("", " ".join(cell.text for cell in value), count=1)
    lines = tuple(cell.line for cell in value)
    return Pair(opening.label.kind, opening.text, text, sure, opening.cell.line, lines)
