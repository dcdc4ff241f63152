"""Lines of writing at places, and pages of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from encoders.ocr.base import OcrTextLine
from encoders.ocr.geometry import rectangle

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHT = 20.0


def line(text: str, x: float, y: float, confidence: float = 0.99) -> OcrTextLine:
    """A line from its upper left corner, 20 pixels high and 10 per letter, 20 per syllable."""
    width = sum(20 if "가" <= char <= "힣" else 10 for char in text)
    return OcrTextLine(rectangle(x, y, x + width, y + HEIGHT), text, confidence, "test")


def beside(rows: Sequence[tuple[str, str]]) -> list[OcrTextLine]:
    """Labels in a column, values in the next."""
    placed = enumerate(rows)
    pairs = [(line(a, 50, 40 * n), line(b, 300, 40 * n)) for n, (a, b) in placed]
    return [one for pair in pairs for one in pair]


def below(rows: Sequence[tuple[str, str]]) -> list[OcrTextLine]:
    """Labels above their values, in two columns."""
    lines = []
    for n, (label, value) in enumerate(rows):
        x, y = 50 + 400 * (n % 2), 90 * (n // 2)
        lines += [line(label, x, y), line(value, x, y + 26)]
    return lines


def paired(rows: Sequence[tuple[str, str]]) -> list[OcrTextLine]:
    """Two labels and two values in each row."""
    lines = []
    for n, (label, value) in enumerate(rows):
        x, y = 50 + 500 * (n % 2), 50 * (n // 2)
        lines += [line(label, x, y), line(value, x + 210, y)]
    return lines


def inline(rows: Sequence[tuple[str, str]]) -> list[OcrTextLine]:
    """Label and value in one line."""
    return [line(f"{label}: {value}", 50, 40 * n) for n, (label, value) in enumerate(rows)]


def turned(lines: Sequence[OcrTextLine], degrees: float, scale: float = 1.0) -> list[OcrTextLine]:
    """The page turned clockwise about a corner, moved and scaled."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    matrix = scale * np.array([[cos, sin], [-sin, cos]])
    return [
        one._replace(polygon=(one.polygon @ matrix + (700, 300)).astype(np.float32))
        for one in lines
    ]
