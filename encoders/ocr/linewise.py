"""OCR in two steps: a finder of lines, then a reader of pictures of one line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from encoders.base import Picture
from encoders.ocr import geometry, slices
from encoders.ocr.base import (
    LineReader,
    LineReading,
    OcrResult,
    OcrSpec,
    OcrTextLine,
    Polygon,
)
from encoders.pictures import decoding

# RapidOCR is above this on nearly every Latin line, and below it on nearly every Hangul one.
SURE = 0.8


class LineFinder(Protocol):
    """Finds lines of text. May be called from several threads at once."""

    identity: str

    def find(self, image: Picture) -> list[Polygon]:
        """Boxes of lines, each beginning at its top left in the picture, not in the text."""
        ...

    def looks_turned(self, crops: Sequence[Picture]) -> bool:
        """Whether lines that all run the same way seem to be upside down."""
        ...


class LinewiseOcr:
    """Reads each line that a finder finds. Implements OcrEngine and LineReader.

    Places found but not read are lines without text.
    """

    def __init__(self, spec: OcrSpec, finder: LineFinder, reader: LineReader) -> None:
        self.spec = spec
        self._finder = finder
        self._reader = reader

    def read(self, images: Sequence[Picture]) -> list[OcrResult]:
        """See `OcrEngine.read`."""
        decoding.check(images)
        return [self._read_one(image) for image in images]

    def read_lines(self, crops: Sequence[Picture]) -> list[LineReading]:
        """See `LineReader.read_lines`."""
        return self._reader.read_lines(crops)

    def _read_one(self, image: Picture) -> OcrResult:
        height, width = image.shape[:2]
        windows = slices.windows(width, height)
        found = slices.joined([(window, self._found(image, window)) for window in windows])
        sideways = geometry.sideways(found)
        level = [one for one, is_sideways in zip(found, sideways, strict=True) if not is_sideways]
        turned = [one for one, is_sideways in zip(found, sideways, strict=True) if is_sideways]
        lines = self._read_alike(image, level)
        for line in self._read_alike(image, [geometry.rotated(one, 1) for one in turned]):
            lines.append(self._upright_letters(image, line))
        notes = slices.notes(width, height, windows)
        return OcrResult(tuple(lines), width, height, (self.spec.identity,), notes)

    def _found(self, image: Picture, window: slices.Slice) -> list[Polygon]:
        corner = np.array([window.left, window.top], np.float32)
        part = image[window.top : window.bottom, window.left : window.right]
        return [polygon + corner for polygon in self._finder.find(part)]

    def _read_alike(self, image: Picture, polygons: list[Polygon]) -> list[OcrTextLine]:
        """Read lines that all run the same way, or all the opposite one: upside down.

        The finder errs about that on noise and on scripts it does not know, so that a picture it
        calls upside down is read both ways.
        """
        crops = [geometry.crop(image, polygon) for polygon in polygons]
        readings = self.read_lines(crops)
        if self._finder.looks_turned(crops):
            turned = self.read_lines([np.ascontiguousarray(crop[::-1, ::-1]) for crop in crops])
            if _certainty(turned) > _certainty(readings):
                readings = turned
                polygons = [geometry.rotated(polygon, 2) for polygon in polygons]
        return [
            OcrTextLine(polygon, reading.text, reading.confidence, self._reader.spec.name)
            for polygon, reading in zip(polygons, readings, strict=True)
        ]

    def _upright_letters(self, image: Picture, line: OcrTextLine) -> OcrTextLine:
        """The line as read with its letters upright, one below the other, if that is surer."""
        if line.confidence >= SURE:
            return line
        *_, (polygon, row) = geometry.ways(image, line.polygon)
        (reading,) = self.read_lines([row])
        if reading.confidence <= line.confidence:
            return line
        return OcrTextLine(polygon, reading.text, reading.confidence, line.engine)


def _certainty(readings: list[LineReading]) -> float:
    return sum(reading.confidence * len(reading.text) for reading in readings)
