"""PaddleOCR engine on ONNX Runtime: its Korean models, or others named by folder.

No paddlepaddle is needed and nothing is downloaded: a folder holds `inference.onnx` and
`inference.yml`, and without one given, those are used that were pulled (`seogo models pull`), else those
that PaddleOCR itself has downloaded.
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
from encoders.errors import EncoderNotInstalled, EncoderNotPulled, WeightsInvalid
from encoders.hub import models
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
from encoders.ocr.settings import OcrOptions
from encoders.pictures import decoding
from encoders.runtime.optional import require

NAME = "paddle"
# What PaddleOCR 3.7 takes for lang="korean".
DETECTION, RECOGNITION = "PP-OCRv5_server_det", "korean_PP-OCRv5_mobile_rec"
# Counts from 1; raise it when the code here gives other text for the same models.
_BUILD = 1
_GRAPH, _CONFIG = "inference.onnx", "inference.yml"
# What users pull each of them by, and the repository of the hub (Apache-2.0) that holds it.
_NAMES = {"paddle-detection": DETECTION, "paddle-korean": RECOGNITION}
SOURCES = {name: f"PaddlePaddle/{model}_onnx" for name, model in _NAMES.items()}
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


def spec(options: OcrOptions) -> OcrSpec:
    """Describe what `load` gives, without loading models; errors as `ocr_spec`."""
    return _described(_detection(options), _recognition(options))


def lines_spec(options: OcrOptions) -> OcrSpec:
    """Describe what `load_lines` gives, as `spec` does."""
    return _described(_recognition(options))


def load(options: OcrOptions) -> PaddleOcr:
    """Load a detection and a recognition model."""
    finder, reader = _detection(options), _recognition(options)
    pipeline = package().PaddleOCR(
        text_detection_model_name=finder.name,
        text_detection_model_dir=str(finder.folder),
        text_recognition_model_name=reader.name,
        text_recognition_model_dir=str(reader.folder),
        use_doc_orientation_classify=False,
        use_doc_unwarping=False,
        use_textline_orientation=False,
        **_runtime(options.threads),
    )
    return PaddleOcr(_described(finder, reader), pipeline)


def load_lines(options: OcrOptions) -> PaddleLines:
    """Load a recognition model alone; errors as for `load`."""
    reader = _recognition(options)
    model = package().TextRecognition(
        model_name=reader.name, model_dir=str(reader.folder), **_runtime(options.threads)
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


def _detection(options: OcrOptions) -> PaddleModel:
    return _model(options.paddle_detection, "paddle-detection", options.models)


def _recognition(options: OcrOptions) -> PaddleModel:
    return _model(options.paddle_recognition, "paddle-korean", options.models)


def _model(folder: Path | None, name: str, cache: Path | None) -> PaddleModel:
    check_installed()
    folder = folder or _pulled(SOURCES[name], cache) or _downloaded(_NAMES[name])
    for file in (_GRAPH, _CONFIG):
        if not (folder / file).is_file():
            raise OcrNotInstalled(
                str(folder / file),
                f"Pull it: seogo models pull {name}; or name a folder that holds {_GRAPH} and {_CONFIG}.",
            )
    require("yaml", NAME)
    try:
        settings = msgspec.yaml.decode((folder / _CONFIG).read_bytes(), type=_Settings)
    except (OSError, msgspec.DecodeError) as exc:
        raise WeightsInvalid(folder / _CONFIG, f"no settings of a PaddleOCR model: {exc}") from exc
    characters = "".join(map(str, settings.post_process.character_dict))
    return PaddleModel(folder, settings.overall.model_name, characters)


def _pulled(source: str, cache: Path | None) -> Path | None:
    """The folder of a pulled model, its files checked; None if it is not pulled."""
    if cache is None:
        return None
    try:
        return models.folder(source, cache)
    except EncoderNotPulled:
        return None


def _downloaded(name: str) -> Path:
    """The folder where PaddleOCR keeps a model that it has downloaded."""
    home = os.environ.get("PADDLE_PDX_CACHE_HOME", Path.home() / ".paddlex")
    return Path(home) / "official_models" / f"{name}_onnx"


def _described(*parts: PaddleModel) -> OcrSpec:
    digest = files_digest(part.folder / file for part in parts for file in (_GRAPH, _CONFIG))
    version = importlib.metadata.version("paddleocr")
    name = "+".join(part.name for part in parts)
    revision = f"{version}-{name}-{digest}-b{_BUILD}"
    return OcrSpec(name=NAME, revision=revision, scripts=_scripts(parts[-1].characters))


def _scripts(characters: str) -> tuple[Script, ...]:
    first: dict[Script, str] = {"latin": "A", "hangul": "가", "han": "人"}
    return tuple(script for script, letter in first.items() if letter in characters)
