"""PaddleOCR engine on ONNX Runtime: its Korean models, or others named by folder.

No paddlepaddle is needed and nothing is downloaded: a folder holds `inference.onnx` and
`inference.yml`, and without one given, those that PaddleOCR itself has downloaded are used.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import msgspec
import numpy as np

from encoders.base import Picture
from encoders.errors import EncoderNotInstalled, WeightsInvalid
from encoders.ocr import geometry
from encoders.ocr.base import (
    LineReading,
    OcrNotInstalled,
    OcrResult,
    OcrSpec,
    OcrTextLine,
    Script,
    files_digest,
)
from encoders.pictures import decoding
from encoders.runtime.optional import require

NAME = "paddle"
# What PaddleOCR 3.7 takes for lang="korean".
DETECTION, RECOGNITION = "PP-OCRv5_server_det", "korean_PP-OCRv5_mobile_rec"
# Counts from 1; raise it when the code here gives other text for the same models.
_BUILD = 1
_GRAPH, _CONFIG = "inference.onnx", "inference.yml"
_REMEDY = (
    "Name a folder that holds inference.onnx and inference.yml, or let PaddleOCR download its Korean "
    """models once, with a network: python -c "from paddleocr import PaddleOCR; """
    """PaddleOCR(lang='korean', engine='onnxruntime')\""""
)
_BATCH = 8


class PaddleModel(NamedTuple):
    """A model folder, the model's name in PaddleOCR, and the characters it can write."""

    folder: Path
    name: str
    characters: str


class _Global(msgspec.Struct):
    model_name: str


class _PostProcess(msgspec.Struct):
    character_dict: list[Any] = []


class _Settings(msgspec.Struct):
    """The part of a model's settings that concerns us; a detection model has no characters."""

    overall: _Global = msgspec.field(name="Global")
    post_process: _PostProcess = msgspec.field(name="PostProcess")


class SerialOcr:
    """Base class of OCR engines whose pipeline is not known to be safe for threads."""

    def __init__(self, spec: OcrSpec, pipeline: Any) -> None:
        self.spec = spec
        self._pipeline = pipeline
        self._lock = threading.Lock()

    def read(self, images: Sequence[Picture]) -> list[OcrResult]:
        """See `OcrEngine.read`."""
        decoding.check(images)
        with self._lock:
            return [
                OcrResult(self._lines(image), image.shape[1], image.shape[0], (self.spec.identity,))
                for image in images
            ]

    def _lines(self, image: Picture) -> tuple[OcrTextLine, ...]:
        """Lines of one picture."""
        raise NotImplementedError


class PaddleOcr(SerialOcr):
    """Finds and reads lines; see `load`. Implements OcrEngine."""

    def _lines(self, image: Picture) -> tuple[OcrTextLine, ...]:
        height, width = image.shape[:2]
        (found,) = self._pipeline.predict(geometry.bgr(image))
        rows = zip(found["rec_polys"], found["rec_texts"], found["rec_scores"], strict=True)
        return tuple(
            OcrTextLine(
                geometry.inside(np.asarray(polygon, np.float32), width, height),
                *LineReading.stripped(text, score),
                NAME,
            )
            for polygon, text, score in rows
        )


class PaddleLines:
    """Reads single lines, without finding them; see `load_lines`. Implements LineReader."""

    def __init__(self, spec: OcrSpec, model: Any) -> None:
        self.spec = spec
        self._model = model
        self._lock = threading.Lock()

    def read_lines(self, crops: Sequence[Picture]) -> list[LineReading]:
        """See `LineReader.read_lines`."""
        decoding.check(crops)
        if not crops:
            return []
        with self._lock:
            found = self._model.predict([geometry.bgr(crop) for crop in crops], batch_size=_BATCH)
        return [LineReading.stripped(one["rec_text"], one["rec_score"]) for one in found]


def spec(detection: Path | None = None, recognition: Path | None = None) -> OcrSpec:
    """Describe what `load` gives, without loading models; errors as `ocr_spec`."""
    return _described(_find(detection, DETECTION), _find(recognition, RECOGNITION))


def lines_spec(recognition: Path | None = None) -> OcrSpec:
    """Describe what `load_lines` gives, as `spec` does."""
    return _described(_find(recognition, RECOGNITION))


def load(
    detection: Path | None = None, recognition: Path | None = None, threads: int | None = None
) -> PaddleOcr:
    """Load a detection and a recognition model.

    Args:
        detection: Model folder; None for the Korean default that PaddleOCR has downloaded.
        recognition: The same for reading.
        threads: Threads one model call may use; None for one per core.
    """
    finder, reader = _find(detection, DETECTION), _find(recognition, RECOGNITION)
    pipeline = package().PaddleOCR(
        text_detection_model_name=finder.name,
        text_detection_model_dir=str(finder.folder),
        text_recognition_model_name=reader.name,
        text_recognition_model_dir=str(reader.folder),
        use_doc_orientation_classify=False,
        use_doc_unwarping=False,
        use_textline_orientation=False,
        **_runtime(threads),
    )
    return PaddleOcr(_described(finder, reader), pipeline)


def load_lines(recognition: Path | None = None, threads: int | None = None) -> PaddleLines:
    """Load a recognition model alone; arguments and errors as for `load`."""
    reader = _find(recognition, RECOGNITION)
    model = package().TextRecognition(
        model_name=reader.name, model_dir=str(reader.folder), **_runtime(threads)
    )
    return PaddleLines(_described(reader), model)


def package() -> ModuleType:
    """Import PaddleOCR without its log messages; this takes seconds.

    Raises:
        EncoderNotInstalled: If it is absent.
    """
    module = require("paddleocr", NAME)
    for name in ("paddleocr", "paddlex"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return module


def check_installed() -> None:
    """Look for PaddleOCR without importing it.

    Raises:
        EncoderNotInstalled: If it is absent.
    """
    if importlib.util.find_spec("paddleocr") is None:
        raise EncoderNotInstalled("paddleocr", NAME)


def _runtime(threads: int | None) -> dict[str, Any]:
    options = {"intra_op_num_threads": threads or 0, "inter_op_num_threads": 1}
    return {"engine": "onnxruntime", "engine_config": options, "device": "cpu"}


def _find(folder: Path | None, name: str) -> PaddleModel:
    check_installed()
    if folder is None:
        home = os.environ.get("PADDLE_PDX_CACHE_HOME", Path.home() / ".paddlex")
        folder = Path(home) / "official_models" / f"{name}_onnx"
    for file in (_GRAPH, _CONFIG):
        if not (folder / file).is_file():
            raise OcrNotInstalled(str(folder / file), _REMEDY)
    require("yaml", NAME)
    try:
        settings = msgspec.yaml.decode((folder / _CONFIG).read_bytes(), type=_Settings)
    except (OSError, msgspec.DecodeError) as exc:
        raise WeightsInvalid(folder / _CONFIG, f"no settings of a PaddleOCR model: {exc}") from exc
    characters = "".join(map(str, settings.post_process.character_dict))
    return PaddleModel(folder, settings.overall.model_name, characters)


def _described(*models: PaddleModel) -> OcrSpec:
    digest = files_digest(model.folder / file for model in models for file in (_GRAPH, _CONFIG))
    version = importlib.metadata.version("paddleocr")
    name = "+".join(model.name for model in models)
    revision = f"{version}-{name}-{digest}-b{_BUILD}"
    return OcrSpec(name=NAME, revision=revision, scripts=_scripts(models[-1].characters))


def _scripts(characters: str) -> tuple[Script, ...]:
    first: dict[Script, str] = {"latin": "A", "hangul": "가", "han": "人"}
    return tuple(script for script, letter in first.items() if letter in characters)
