"""Comparing lines read with lines that are there: boxes, and characters to change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoders.ocr.base import OcrTextLine


class Truth(NamedTuple):
    """A line that is there: its text and its corners (4, 2)."""

    text: str
    box: NDArray[np.float32]


def distance(first: str, second: str) -> int:
    """Characters to insert, delete or replace."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        previous, row[0] = row[0], i
        for j, b in enumerate(second, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


def bounds(box: NDArray[np.float32]) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def shared(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Area that two upright boxes share, over that of the smaller one."""
    a, b = bounds(first), bounds(second)
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((x[2] - x[0]) * (x[3] - x[1]) for x in (a, b))
    return max(width, 0) * max(height, 0) / smaller if smaller else 0.0


def assigned(lines: Iterable[OcrTextLine], truths: Sequence[Truth]) -> tuple[list[str], str]:
    """What was read at each line of the truth, and what was read elsewhere."""
    at: list[list[tuple[float, str]]] = [[] for _ in truths]
    elsewhere = ""
    for line in lines:
        overlaps = [shared(line.polygon, truth.box) for truth in truths]
        best = int(np.argmax(overlaps)) if overlaps else -1
        if best >= 0 and overlaps[best] >= 0.5:
            at[best].append((float(line.polygon[:, 0].min()), line.text))
        else:
            elsewhere += line.text
    return [" ".join(text for _, text in sorted(parts)) for parts in at], elsewhere


def bare(text: str) -> str:
    return "".join(text.casefold().split())
