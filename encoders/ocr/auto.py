"""OCR engine `auto`: one engine reads every picture, another reads Hangul.

The first engine (RapidOCR) finds all lines and reads Latin script very well. Of Hangul it makes
nothing, or Han characters it is not sure of; in a line of both scripts it leaves the Hangul out
and is sure of the rest. So:

1. Doubtful lines (low confidence or none; beginning with what followed a lost label) are read again
   by the second engine.
2. If that finds Hangul, the picture has some, and all its lines are read again, doubtful ones where
   it found none a second time from a sharpened picture.
3. Where the second engine sees Hangul, that is put among the Latin letters, digits and signs that the
   first one read (`merging`).
4. Where it does not, the first engine's line stays. Han characters it is not sure of are dropped,
   unless there are others on the picture that it is sure of and no Hangul: what is left without
   a number becomes a place without text, of confidence 0.

Without a second engine the last rule works alone; where several places are not read well, `notes`
say what to install.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from encoders.base import Picture
from encoders.ocr import geometry
from encoders.ocr.base import (
    LineReader,
    LineReading,
    OcrEngine,
    OcrResult,
    OcrSpec,
    OcrTextLine,
    Polygon,
)
from encoders.ocr.linewise import SURE
from encoders.ocr.merging import is_east_asian, merged

NAME = "auto"
# Counts from 1; raise it when other lines would be chosen from the same readings.
_BUILD = 2
# Han beside Latin in one line lifts its confidence above that.
_SURE_OF_HAN = 0.95
_LEAST_HANGUL = 0.5
# One doubtful line may be a speck or a logo.
_SEVERAL = 2
_COLONS = (":", "：")
_SYLLABLES, _LATIN = re.compile("[가-힣]"), re.compile("[0-9A-Za-z]")
# Of RapidOCR's lines of Latin alone on drawn plates, 1 in 100 is longer than this, in heights a character;
# what is longer has something in it that it left out.
_WIDE = 0.62


class _SecondReading(NamedTuple):
    """The second engine's reading of a line, and the line's corners as it was read."""

    reading: LineReading
    polygon: Polygon


class AutoOcr:
    """Chooses between two engines line by line. Implements OcrEngine."""

    def __init__(self, first: OcrEngine, second: LineReader | None, advice: str = "") -> None:
        """Combine two engines.

        Args:
            first: Finds lines, and reads Latin script.
            second: Reads Hangul; None where there is none.
            advice: For users, where `second` is missing: how to install one.
        """
        self._first = first
        self._second = second
        self._advice = advice
        self.spec = described(first.spec, second.spec if second else None)

    def read(self, images: Sequence[Picture]) -> list[OcrResult]:
        """See `OcrEngine.read`."""
        results = self._first.read(images)
        return [self._improved(i, result) for i, result in zip(images, results, strict=True)]

    def _improved(self, image: Picture, result: OcrResult) -> OcrResult:
        doubtful = [row for row, line in enumerate(result.lines) if is_doubtful(line)]
        if not doubtful:
            return result
        if self._second is None:
            noted = self._noted(result)
        else:
            noted = self._with_hangul(self._second, image, result, doubtful)
        if noted.lines is result.lines and any(map(_has_certain_han, result.lines)):
            return noted
        return noted._replace(lines=tuple(map(without_rubbish, noted.lines)))

    def _with_hangul(
        self, reader: LineReader, image: Picture, result: OcrResult, doubtful: list[int]
    ) -> OcrResult:
        result = result._replace(engines=(*result.engines, reader.spec.identity))
        readings = self._again(reader, image, result, doubtful)
        hangul = sum(
            len(_SYLLABLES.findall(again.reading.text))
            for again in readings.values()
            if _has_hangul(again.reading)
        )
        if hangul < _SEVERAL:
            return result
        unread = [row for row in doubtful if not _has_hangul(readings[row].reading)]
        others = [row for row in range(len(result.lines)) if row not in readings]
        readings |= self._again(reader, image, result, others, sharpened=unread)
        name = reader.spec.name
        chosen = (_chosen(line, readings[row], name) for row, line in enumerate(result.lines))
        return result._replace(lines=tuple(chosen))

    def _noted(self, result: OcrResult) -> OcrResult:
        unread = sum(not line.text or _has_uncertain_han(line) for line in result.lines)
        if unread < _SEVERAL or unread <= sum(map(_has_certain_han, result.lines)):
            return result
        name = self._first.spec.name
        note = f"{unread} places are not read well; they may be Hangul, which {name} does not read."
        return result._replace(notes=(*result.notes, f"{note} {self._advice}".strip()))

    def _again(
        self,
        reader: LineReader,
        image: Picture,
        result: OcrResult,
        rows: list[int],
        sharpened: Sequence[int] = (),
    ) -> dict[int, _SecondReading]:
        """Readings by row; of the ways to look at a line the one with Hangul, then the surest."""
        ways = [
            (row, polygon, geometry.sharpened(crop) if at >= len(rows) else crop)
            for at, row in enumerate((*rows, *sharpened))
            for polygon, crop in geometry.ways(image, result.lines[row].polygon)
        ]
        readings = reader.read_lines([crop for _, _, crop in ways])
        best: dict[int, _SecondReading] = {}
        for (row, polygon, _), reading in zip(ways, readings, strict=True):
            if row not in best or _rank(reading) > _rank(best[row].reading):
                best[row] = _SecondReading(reading, polygon)
        return best


def described(first: OcrSpec, second: OcrSpec | None) -> OcrSpec:
    """Spec of `AutoOcr` with engines of these specs."""
    both = [first, *([second] if second else [])]
    return OcrSpec(
        name=NAME,
        revision=f"b{_BUILD}({','.join(one.identity for one in both)})",
        scripts=tuple(dict.fromkeys(script for one in both for script in one.scripts)),
    )


def is_doubtful(line: OcrTextLine) -> bool:
    """Whether a line may be misread."""
    return line.confidence < SURE or line.text[:1] in _COLONS or _has_uncertain_han(line)


def without_rubbish(line: OcrTextLine) -> OcrTextLine:
    """Drop uncertain Han characters; a line without other text becomes a place without text."""
    if not _has_uncertain_han(line):
        return line
    kept = "".join(" " if is_east_asian(char) else char for char in line.text)
    text = " ".join(kept.split()).strip(" :;,.")
    if any(char.isdigit() for char in text):
        return line._replace(text=text)
    return line._replace(text="", confidence=0.0)


def _chosen(line: OcrTextLine, again: _SecondReading, name: str) -> OcrTextLine:
    reading = again.reading
    if not _has_hangul(reading):
        return line
    text = _together(line, reading)
    if not _SYLLABLES.search(text):
        return line
    engine = name if text == reading.text else f"{name}+{line.engine}"
    return OcrTextLine(again.polygon, text, reading.confidence, engine)


def _together(line: OcrTextLine, reading: LineReading) -> str:
    """Text of a line that the second engine sees Hangul in."""
    if line.confidence < SURE and not _LATIN.search(reading.text):
        return reading.text
    along, across = geometry.side_lengths(line.polygon)
    known = sum(not (char.isspace() or is_east_asian(char)) for char in line.text)
    room = max(along, across) > _WIDE * known * min(along, across)
    if not room and reading.confidence < SURE:
        return line.text
    return merged(reading.text, line.text, room=room)


def _rank(reading: LineReading) -> tuple[bool, float]:
    return _has_hangul(reading), reading.confidence


def _has_hangul(reading: LineReading) -> bool:
    return reading.confidence >= _LEAST_HANGUL and bool(_SYLLABLES.search(reading.text))


def _has_uncertain_han(line: OcrTextLine) -> bool:
    return line.confidence < _SURE_OF_HAN and any(map(is_east_asian, line.text))


def _has_certain_han(line: OcrTextLine) -> bool:
    return line.confidence >= _SURE_OF_HAN and any(map(is_east_asian, line.text))
