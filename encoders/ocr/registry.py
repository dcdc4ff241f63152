"""The OCR engines this package knows, and the one way to get a working one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from encoders.errors import EncoderNotInstalled, EncoderUnknown
from encoders.ocr import auto, paddle, paddle_vl, rapid, tesseract
from encoders.ocr.auto import AutoOcr
from encoders.ocr.errors import OcrNotInstalled
from encoders.ocr.settings import OcrOptions

if TYPE_CHECKING:
    from encoders.ocr.base import LineReader, OcrEngine, OcrSpec

NAMES: Final = (rapid.NAME, tesseract.NAME, paddle.NAME, paddle_vl.NAME, auto.NAME)
_ADVICE = (
    "To read it, install Tesseract with its Korean data (apt-get install tesseract-ocr "
    "tesseract-ocr-kor) or PaddleOCR (pip install 'seogo[paddle]') with its Korean models."
)


def ocr_spec(name: str, options: OcrOptions | None = None) -> OcrSpec:
    """Describe what `build_ocr` would give here, without loading a model.

    Raises:
        EncoderUnknown: If there is no engine of that name; the error lists those there are.
        EncoderNotInstalled: If a package the engine needs is absent.
        OcrNotInstalled: If a program or model is; the error names what to install.
        WeightsInvalid: If an installed model is damaged.
    """
    given = options or OcrOptions()
    match name:
        case rapid.NAME:
            return rapid.spec()
        case tesseract.NAME:
            return tesseract.spec()
        case paddle.NAME:
            return paddle.spec(given.paddle_detection, given.paddle_recognition)
        case paddle_vl.NAME:
            return paddle_vl.spec(given.vl)
        case auto.NAME:
            return auto.described(rapid.spec(), _hangul_spec(given))
        case _:
            raise EncoderUnknown(name, NAMES)


def build_ocr(name: str, options: OcrOptions | None = None) -> OcrEngine:
    """Build and load an engine, ready to read. Nothing is downloaded.

    `auto` takes PaddleOCR for Hangul where it is installed with a Korean model, else Tesseract,
    else nothing, and then its results say so.

    Raises:
        EncoderError: As for `ocr_spec`.
    """
    given = options or OcrOptions()
    match name:
        case rapid.NAME:
            return rapid.load(given.threads)
        case tesseract.NAME:
            return tesseract.load()
        case paddle.NAME:
            return paddle.load(given.paddle_detection, given.paddle_recognition, given.threads)
        case paddle_vl.NAME:
            return paddle_vl.load(given.vl)
        case auto.NAME:
            return AutoOcr(rapid.load(given.threads), _hangul_reader(given), _ADVICE)
        case _:
            raise EncoderUnknown(name, NAMES)


def _hangul_reader(given: OcrOptions) -> LineReader | None:
    if _paddle_reads_hangul(given):
        return paddle.load_lines(given.paddle_recognition, given.threads)
    try:
        return tesseract.load()
    except OcrNotInstalled:
        return None


def _hangul_spec(given: OcrOptions) -> OcrSpec | None:
    if _paddle_reads_hangul(given):
        return paddle.lines_spec(given.paddle_recognition)
    try:
        return tesseract.spec()
    except OcrNotInstalled:
        return None


def _paddle_reads_hangul(given: OcrOptions) -> bool:
    try:
        return "hangul" in paddle.lines_spec(given.paddle_recognition).scripts
    except (EncoderNotInstalled, OcrNotInstalled):
        if given.paddle_recognition is not None:  # asked for by name: not to be passed over
            raise
        return False
