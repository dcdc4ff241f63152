"""Scanned pages of PDF files: drawn as pictures, and what OCR read on them, as pages of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from encoders.runtime.optional import require
from flows.documents.lines import DocumentUnreadable
from flows.documents.pdf import EXTRA, Box, build_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from encoders.base import Picture
    from encoders.ocr.base import OcrTextLine
    from flows.documents.pdf import PdfPage

# Dots per inch: letters of 10 points are 28 pixels high, which OCR reads well.
DPI = 200
_POINT = 72 / DPI
# Pixels of the longer side of a page at most; posters are read coarser.
_LONGEST = 3000
# Of 255: darker is ink.
_DARK = 128
# Of the width of a page: a dark line as long is the rule of a table.
_RULE = 0.15


def draw_page(path: Path, number: int) -> Picture:
    """Draw a page, counted from 0: uint8 of shape (height, width, 3).

    Raises:
        DocumentUnreadable: it cannot be drawn.
        EncoderNotInstalled: the renderer is not installed.
    """
    pdfium = require("pypdfium2", EXTRA)
    try:
        with pdfium.PdfDocument(path) as document:
            page = document[number]
            scale = min(DPI / 72, _LONGEST / max(page.get_size()))
            picture: Picture = (
                page.render(scale=scale, rev_byteorder=True).to_numpy()[..., :3].copy()
            )
            page.close()
            return picture
    except pdfium.PdfiumError as exc:
        reason = f"{path.name}: page {number + 1} cannot be drawn ({exc})"
        raise DocumentUnreadable(reason, "save it as PDF once more") from exc


def read_page(picture: Picture, lines: Sequence[OcrTextLine]) -> PdfPage:
    """The page that OCR read, in points, y upwards; long dark lines are the rules of tables."""
    height, width = picture.shape[:2]
    boxes = [_box(line.polygon, height, line.text) for line in lines if line.text.strip()]
    return build_page(boxes, _rules(picture), width * _POINT)


def _box(polygon: NDArray[np.float32], height: int, text: str) -> Box:
    (left, top), (right, bottom) = polygon.min(axis=0), polygon.max(axis=0)
    return Box(
        float(left) * _POINT,
        (height - float(bottom)) * _POINT,
        float(right) * _POINT,
        (height - float(top)) * _POINT,
        " ".join(text.split()),
    )


def _rules(picture: Picture) -> list[Box]:
    """Horizontal rules: rows of pixels with a dark run as long as a rule is."""
    height, width = picture.shape[:2]
    long = int(width * _RULE)
    dark = np.pad(picture.mean(axis=2) < _DARK, ((0, 0), (1, 1))).astype(np.int8)
    rules = []
    for row in range(height):
        edges = np.flatnonzero(np.diff(dark[row]))
        starts, ends = edges[::2], edges[1::2]
        rules += [
            Box(
                start * _POINT,
                (height - row - 1) * _POINT,
                end * _POINT,
                (height - row) * _POINT,
                "",
            )
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
            if end - start >= long
        ]
    return rules
