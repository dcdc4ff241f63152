"""Errors of OCR engines."""

from __future__ import annotations

from encoders.errors import EncoderError


class OcrNotInstalled(EncoderError):
    """A program, package or model this OCR engine needs is not installed."""

    def __init__(self, missing: str, remedy: str) -> None:
        super().__init__(f"Missing: {missing}. {remedy}")


class OcrFailed(EncoderError):
    """The OCR engine stopped while reading."""
