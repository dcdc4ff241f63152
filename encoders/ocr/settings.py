"""Settings of OCR engines."""

from __future__ import annotations

from pathlib import Path

import msgspec


class VlSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Location of PaddleOCR-VL: a folder, or a server of a kind that PaddleOCR names.

    `model` is what the server calls the model; empty to ask it.
    """

    folder: Path | None = None
    server: str = ""
    backend: str = "vllm-server"
    model: str = ""


class OcrOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of engines; each takes what concerns it.

    Attributes:
        threads: Threads one call of a model may use; None for one per core.
        models: The model cache, for models that were pulled; None: none are.
        paddle_detection: Folder of PaddleOCR's detection model; None for its Korean default, pulled
            or downloaded by PaddleOCR.
        paddle_recognition: The same for its recognition model.
        vl: Where PaddleOCR-VL runs.
    """

    threads: int | None = None
    models: Path | None = None
    paddle_detection: Path | None = None
    paddle_recognition: Path | None = None
    vl: VlSettings = VlSettings()
