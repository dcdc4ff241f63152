"""Tesseract in this process (tesserocr), with the Korean data that comes with Seogo.

The wheel of tesserocr holds libtesseract, built without OpenMP: one call, one processor. It lets go of
Python's lock while it reads, so threads read side by side, each with a Tesseract of its own.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import queue
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from encoders.base import Picture
from encoders.errors import EncoderNotInstalled
from encoders.ocr import rapid
from encoders.ocr.base import LineReading, OcrFailed, OcrSpec, files_digest
from encoders.ocr.linewise import LinewiseOcr
from encoders.pictures import decoding
from encoders.runtime.optional import require

NAME = "tesseract"
LANGUAGES = ("kor",)
DATA = Path(__file__).parent / "tessdata"
# Counts from 1; raise it when the code here gives other text for the same library and data.
_BUILD = 2
_PACKAGE = "tesserocr"
# Heights that a line is read at, in pixels; the surer reading counts. Measured on 250 Korean lines of
# `bench/nameplates.py`, merged with RapidOCR's: 26 alone .91 right, 32 .90, 64 .91, 26 and 64 .95.
_LINE_HEIGHTS = (26, 64)
# Where told that there is a line, Tesseract sees one in an empty picture too.
_BLANK = 15
_MARGIN = 10
# Dots per inch that it is told: without, it guesses and says so on the standard error of the process.
_RESOLUTION = 150
# A line takes 10 to 30 ms.
_MILLISECONDS = 20_000
# Between Hangul and Hangul a narrower gap than this is none, in heights of the words.
_HANGUL_GAP = 0.25

_HANGUL = re.compile("[가-힣]")

Grey = NDArray[np.uint8]


class _Word(NamedTuple):
    """A word with its box in pixels."""

    text: str
    confidence: float
    left: float
    top: float
    right: float
    bottom: float


class TesseractLines:
    """Reads Hangul, and Latin less well, in pictures of one line; see `load`. Implements LineReader."""

    def __init__(self, spec: OcrSpec) -> None:
        self.spec = spec
        # One that is in use belongs to one thread; as many are made as threads ask at once.
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def read_lines(self, crops: Sequence[Picture]) -> list[LineReading]:
        """See `LineReader.read_lines`."""
        decoding.check(crops)
        with self._borrowed() as tesseract:
            return [_read(tesseract, crop) for crop in crops]

    @contextmanager
    def _borrowed(self) -> Iterator[Any]:
        """A Tesseract for this thread; after an error it is not used again."""
        try:
            tesseract = self._idle.get_nowait()
        except queue.Empty:
            tesseract = _started()
        yield tesseract
        self._idle.put(tesseract)


def spec() -> OcrSpec:
    """Describe what `load` gives, without loading a model; errors as `ocr_spec`."""
    if importlib.util.find_spec(_PACKAGE) is None:
        raise EncoderNotInstalled(_PACKAGE, "local")
    digest = files_digest(DATA / f"{name}.traineddata" for name in LANGUAGES)
    version = importlib.metadata.version(_PACKAGE)
    revision = f"{version}-{'+'.join(LANGUAGES)}-{digest}-b{_BUILD}"
    return OcrSpec(name=NAME, revision=revision, scripts=("hangul", "latin"))


def engine_spec() -> OcrSpec:
    """Describe what `load_engine` gives, as `spec` does."""
    return _with_finder(spec(), rapid.spec().identity)


def load() -> TesseractLines:
    """Load the library and its language data."""
    reader = TesseractLines(spec())
    reader.read_lines([])
    return reader


def load_engine(threads: int | None = None) -> LinewiseOcr:
    """Load Tesseract for the lines that RapidOCR's detector finds.

    Args:
        threads: Threads that one call of the detector may use; None for one per core.
    """
    finder = rapid.load_finder(threads)
    return LinewiseOcr(_with_finder(spec(), finder.identity), finder, load())


def _with_finder(lines: OcrSpec, finder: str) -> OcrSpec:
    return msgspec.structs.replace(lines, revision=f"{lines.revision}({finder})")


def _started() -> Any:
    library = require(_PACKAGE)
    try:
        return library.PyTessBaseAPI(
            path=str(DATA),
            lang="+".join(LANGUAGES),
            oem=library.OEM.LSTM_ONLY,
            psm=library.PSM.SINGLE_LINE,
        )
    except RuntimeError as exc:
        raise OcrFailed(f"tesseract: {exc}") from exc


def _read(tesseract: Any, crop: Picture) -> LineReading:
    grey = _grey(crop)
    if np.ptp(grey) <= _BLANK:
        return LineReading("", 0.0)
    readings = [_read_at(tesseract, grey, height) for height in _LINE_HEIGHTS]
    return max(readings, key=lambda reading: reading.confidence)


def _read_at(tesseract: Any, grey: Grey, line_height: int) -> LineReading:
    line = _framed(_resized(grey, line_height / len(grey)))
    height, width = line.shape
    tesseract.SetImageBytes(line.tobytes(), width, height, 1, width)
    tesseract.SetSourceResolution(_RESOLUTION)
    if not tesseract.Recognize(_MILLISECONDS):
        raise OcrFailed(f"tesseract did not read a line within {_MILLISECONDS // 1000} s.")
    words = sorted(_words(tesseract.GetTSVText(0)), key=lambda word: word.left)
    return LineReading(_joined(words), _confidence(words))


def _words(table: str) -> Iterator[_Word]:
    """Words of a table of tab-separated values; there is no heading."""
    for row in table.splitlines():
        level, *_, left, top, width, height, confidence, text = row.split("\t", 11)
        if level == "5" and text.strip():
            x, y = float(left), float(top)
            yield _Word(text, float(confidence) / 100, x, y, x + float(width), y + float(height))


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
    """Mean by letter; over the words with Hangul if there are any, for its Latin is not its strength."""
    counted = [word for word in words if _HANGUL.search(word.text)] or words
    letters = sum(len(word.text) for word in counted)
    return sum(word.confidence * len(word.text) for word in counted) / letters if letters else 0.0


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
