from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from encoders.ocr import rapid, tesseract

if TYPE_CHECKING:
    from encoders.ocr.linewise import LinewiseOcr


@pytest.fixture(scope="session")
def rapidocr() -> LinewiseOcr:
    return rapid.load(threads=1)


@pytest.fixture(scope="session")
def tesseract_lines() -> tesseract.TesseractLines:
    """Tesseract with the Korean data of the project."""
    return tesseract.load()
