"""PaddleOCR-VL engine: a vision-language model that reads over a hundred languages.

It runs where the settings say: in this process, from a model folder, or on an inference server of
the operator's (vLLM and others). It gives no confidence: every line has 1.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from encoders.base import Picture
from encoders.ocr import geometry
from encoders.ocr.base import OcrFailed, OcrNotInstalled, OcrSpec, OcrTextLine
from encoders.ocr.paddle import SerialOcr, check_installed, package
from encoders.ocr.settings import VlSettings

NAME = "paddle-vl"
_BUILD = 1
# The oldest version whose model gives lines with their corners.
_PIPELINE = "v1.6"
_REMEDY = (
    "Name the folder of a pulled PaddleOCR-VL-1.6 model, or a server that runs it together with its "
    "kind (vllm-server, sglang-server, fastdeploy-server, mlx-vlm-server, llama-cpp-server)."
)


class PaddleVl(SerialOcr):
    """Finds and reads lines; see `load`. Implements OcrEngine.

    `read` raises `OcrFailed` if the model or its server did not answer.
    """

    def _lines(self, image: Picture) -> tuple[OcrTextLine, ...]:
        height, width = image.shape[:2]
        try:
            (found,) = self._pipeline.predict(
                geometry.bgr(image), use_layout_detection=False, prompt_label="spotting"
            )
        except (OSError, RuntimeError) as exc:
            raise OcrFailed(f"PaddleOCR-VL: {exc}") from exc
        return spotted(found.get("spotting_res") or {}, width, height)


def spotted(found: Mapping[str, Any], width: int, height: int) -> tuple[OcrTextLine, ...]:
    """Lines of a spotting result of the pipeline; those without text are dropped."""
    rows = zip(found.get("rec_polys", []), found.get("rec_texts", []), strict=True)
    return tuple(
        OcrTextLine(
            geometry.inside(np.asarray(polygon, np.float32), width, height), text.strip(), 1.0, NAME
        )
        for polygon, text in rows
        if text.strip()
    )


def spec(settings: VlSettings) -> OcrSpec:
    """Describe what `load` gives, a served model by its name; errors as `ocr_spec`."""
    check_installed()
    if settings.folder is None and not settings.server:
        raise OcrNotInstalled("a model folder or a server for PaddleOCR-VL", _REMEDY)
    version = importlib.metadata.version("paddleocr")
    model = _folder_digest(settings.folder) if settings.folder else settings.model or "served"
    revision = f"{version}-{_PIPELINE}-{model}-b{_BUILD}"
    return OcrSpec(name=NAME, revision=revision, scripts=("latin", "hangul", "han"))


def load(settings: VlSettings) -> PaddleVl:
    """Connect to the server, or load the model from its folder.

    Raises:
        EncoderNotInstalled: If PaddleOCR is absent.
        OcrNotInstalled: If neither folder nor server is named.
        OcrFailed: If the model does not load or the server does not answer.
    """
    described = spec(settings)
    where = {
        "vl_rec_model_dir": str(settings.folder) if settings.folder else None,
        "vl_rec_backend": None if settings.folder else settings.backend,
        "vl_rec_server_url": None if settings.folder else settings.server,
        "vl_rec_api_model_name": settings.model or None,
    }
    try:
        pipeline = package().PaddleOCRVL(
            pipeline_version=_PIPELINE,
            use_layout_detection=False,
            use_doc_orientation_classify=False,
            use_doc_unwarping=False,
            **where,
        )
    except (OSError, RuntimeError) as exc:
        raise OcrFailed(f"PaddleOCR-VL: {exc}") from exc
    return PaddleVl(described, pipeline)


def _folder_digest(folder: Path) -> str:
    """Digest of names and sizes of the files: their contents are gigabytes."""
    listed = sorted((path.name, path.stat().st_size) for path in folder.iterdir())
    return hashlib.sha256(repr(listed).encode()).hexdigest()[:12]
