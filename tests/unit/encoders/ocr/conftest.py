from __future__ import annotations

import shutil

import pytest

from encoders.ocr import rapid, tesseract
from encoders.ocr.base import OcrNotInstalled


@pytest.fixture(scope="session")
def rapidocr() -> rapid.RapidOcr:
    return rapid.load(threads=1)


@pytest.fixture(scope="session")
def tesseract_program() -> tesseract.Tesseract:
    """Tesseract with Korean data, an optional program."""
    if shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed: apt-get install tesseract-ocr tesseract-ocr-kor")
    try:
        return tesseract.load()
    except OcrNotInstalled as exc:
        pytest.skip(str(exc))
