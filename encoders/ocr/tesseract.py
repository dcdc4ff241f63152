"""Tesseract engine: Korean and English with the installed `tesseract` program.

The program is called directly: the usual wrapper cannot set the child's environment, and without
`OMP_THREAD_LIMIT=1` Tesseract takes six times the processor time on pictures of this size.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoders.base import Picture
from encoders.ocr import geometry
from encoders.ocr.base import (
    LineReading,
    OcrFailed,
    OcrNotInstalled,
    OcrResult,
    OcrSpec,
    OcrTextLine,
    files_digest,
)
from encoders.pictures import decoding
from encoders.runtime.optional import require

NAME = "tesseract"
LANGUAGES = ("kor", "eng")
# Counts from 1; raise it when the code here gives other text for the same program and data.
_BUILD = 1
_REMEDY = (
    "Install it with: apt-get install tesseract-ocr tesseract-ocr-kor (Debian, Ubuntu) or "
    "brew install tesseract tesseract-lang (macOS)."
)
# Page segmentation: one line; sparse text in no particular order, which is what a plate is.
_ONE_LINE, _SPARSE = 7, 11
_LINE_HEIGHT = 48
# Where told that there is a line, Tesseract sees one in an empty picture too.
_BLANK = 15
_MARGIN = 10
# Pictures are brought near this size: Tesseract wants letters some 30 pixels high.
_LONGER_SIDE = 1600
_FILES_PER_CALL = 128
_SECONDS, _SECONDS_PER_FILE = 60, 20
# Between Hangul and Hangul a narrower gap than this is none, in heights of the words.
_HANGUL_GAP = 0.25

Grey = NDArray[np.uint8]


class _Word(NamedTuple):
    """A word, with its line's number within the picture and its box in pixels."""

    line: tuple[str, ...]
    text: str
    confidence: float
    left: float
    top: float
    right: float
    bottom: float


class Tesseract:
    """Reads Hangul and Latin; see `load`. Implements OcrEngine and LineReader."""

    def __init__(self, spec: OcrSpec, program: str) -> None:
        self.spec = spec
        self._program = program

    def read(self, images: Sequence[Picture]) -> list[OcrResult]:
        """See `OcrEngine.read`. Lines must be nearly level."""
        decoding.check(images)
        scales = [_LONGER_SIDE / max(image.shape[:2]) for image in images]
        greys = [_resized(_grey(i), s) for i, s in zip(images, scales, strict=True)]
        results = []
        for image, scale, words in zip(images, scales, self._run(greys, _SPARSE), strict=True):
            height, width = image.shape[:2]
            lines = tuple(_line(of_line, scale, width, height) for of_line in _by_line(words))
            results.append(OcrResult(lines, width, height, (self.spec.identity,)))
        return results

    def read_lines(self, crops: Sequence[Picture]) -> list[LineReading]:
        """See `LineReader.read_lines`."""
        decoding.check(crops)
        readings = [LineReading("", 0.0)] * len(crops)
        greys = {
            row: grey for row, crop in enumerate(crops) if np.ptp(grey := _grey(crop)) > _BLANK
        }
        lines = [_framed(_resized(grey, _LINE_HEIGHT / len(grey))) for grey in greys.values()]
        for row, found in zip(greys, self._run(lines, _ONE_LINE), strict=True):
            words = sorted(found, key=lambda word: word.left)
            readings[row] = LineReading(_joined(words), _confidence(words))
        return readings

    def _run(self, greys: Sequence[Grey], mode: int) -> Iterator[list[_Word]]:
        """Words of each picture; one process serves many, for starting it takes as long as a line."""
        for start in range(0, len(greys), _FILES_PER_CALL):
            batch = greys[start : start + _FILES_PER_CALL]
            with tempfile.TemporaryDirectory(prefix="seogo-ocr-") as folder:
                table = self._table(batch, mode, Path(folder))
            found: list[list[_Word]] = [[] for _ in batch]
            for page, word in _words(table):
                found[page].append(word)
            yield from found

    def _table(self, greys: Sequence[Grey], mode: int, folder: Path) -> str:
        for number, grey in enumerate(greys):
            height, width = grey.shape
            data = f"P5 {width} {height} 255\n".encode() + grey.tobytes()
            (folder / f"{number}.pgm").write_bytes(data)
        files = folder / "files.txt"
        files.write_text("".join(f"{folder / str(n)}.pgm\n" for n in range(len(greys))))
        command = [self._program, str(files), "-", "-l", "+".join(LANGUAGES), "--dpi", "150"]
        return _call(
            [*command, "--psm", str(mode), "tsv"], _SECONDS + _SECONDS_PER_FILE * len(greys)
        )


def spec() -> OcrSpec:
    """Describe the program and its language data; errors as `ocr_spec`."""
    return _described(_program())


def load() -> Tesseract:
    """Find the program and its language data."""
    program = _program()
    return Tesseract(_described(program), program)


def _program() -> str:
    program = shutil.which("tesseract")
    if program is None:
        raise OcrNotInstalled("the program tesseract", _REMEDY)
    return program


def _described(program: str) -> OcrSpec:
    listed = _call([program, "--list-langs"], _SECONDS)
    heading, _, names = listed.partition("\n")
    folder = re.search(r'"(.*)"', heading)
    missing = [name for name in LANGUAGES if name not in names.split()]
    if missing or folder is None:
        raise OcrNotInstalled(f"Tesseract's language data {', '.join(missing)}", _REMEDY)
    digest = files_digest(Path(folder[1]) / f"{name}.traineddata" for name in LANGUAGES)
    version = _call([program, "--version"], _SECONDS).split()[1]
    revision = f"{version}-{'+'.join(LANGUAGES)}-{digest}-b{_BUILD}"
    return OcrSpec(name=NAME, revision=revision, scripts=("hangul", "latin"))


def _call(command: list[str], seconds: float) -> str:
    environment = os.environ | {"OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=seconds
        )
    except subprocess.TimeoutExpired as exc:
        raise OcrFailed(f"tesseract took longer than {seconds:g} s.") from exc
    except (OSError, subprocess.CalledProcessError) as exc:
        said = getattr(exc, "stderr", None) or exc
        raise OcrFailed(f"tesseract: {str(said).strip()[-300:]}") from exc
    return done.stdout


def _words(table: str) -> Iterator[tuple[int, _Word]]:
    """Words of a TSV table, with the number of their picture from 0."""
    for row in table.splitlines()[1:]:
        level, page, *line, _, left, top, width, height, confidence, text = row.split("\t", 11)
        if level == "5" and text.strip():
            x, y = float(left), float(top)
            box = (x, y, x + float(width), y + float(height))
            yield int(page) - 1, _Word(tuple(line), text, float(confidence) / 100, *box)


def _by_line(words: list[_Word]) -> list[list[_Word]]:
    lines: dict[tuple[str, ...], list[_Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    return list(lines.values())


def _line(words: list[_Word], scale: float, width: int, height: int) -> OcrTextLine:
    left, top = min(w.left for w in words), min(w.top for w in words)
    right, bottom = max(w.right for w in words), max(w.bottom for w in words)
    box = geometry.rectangle(*(side / scale for side in (left, top, right, bottom)))
    polygon = geometry.inside(box, width, height)
    return OcrTextLine(polygon, _joined(words), _confidence(words), NAME)


def _joined(words: list[_Word]) -> str:
    """Words with spaces between, but for those Tesseract sees within Korean words."""
    text = ""
    for before, word in zip([None, *words], words, strict=False):
        if before is not None and not _continues(before, word):
            text += " "
        text += word.text
    return text


def _continues(before: _Word, word: _Word) -> bool:
    hangul = all("가" <= char <= "힣" for char in (before.text[-1], word.text[0]))
    height = max(before.bottom - before.top, word.bottom - word.top)
    return hangul and word.left - before.right < _HANGUL_GAP * height


def _confidence(words: list[_Word]) -> float:
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / letters if letters else 0.0


def _grey(image: Picture) -> Grey:
    grey: Grey = (image @ np.array([0.299, 0.587, 0.114])).round().astype(np.uint8)
    return grey


def _resized(grey: Grey, scale: float) -> Grey:
    cv2 = require("cv2")
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    resized: Grey = cv2.resize(grey, size, interpolation=method)
    return resized


def _framed(grey: Grey) -> Grey:
    """Dark on light with a margin: Tesseract looks for letters, not for what touches the edge."""
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ground = float(np.median(edge))
    if ground < (float(grey.min()) + float(grey.max())) / 2:
        grey, ground = 255 - grey, 255 - ground
    return np.pad(grey, _MARGIN, constant_values=round(ground))
