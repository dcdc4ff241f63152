"""RapidOCR engine: PP-OCR models of the rapidocr wheel on ONNX Runtime. It reads no Hangul.

The wheel's detector, recognizer and line classifier are used one by one rather than through its
pipeline: that one drops places it found and could not read, turns single short lines upside down,
and leaves no say about threads.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from encoders.base import Picture
from encoders.errors import EncoderNotInstalled, WeightsInvalid
from encoders.ocr import geometry
from encoders.ocr.base import LineReading, OcrSpec, Polygon, files_digest
from encoders.ocr.linewise import LinewiseOcr
from encoders.pictures import decoding
from encoders.runtime.onnx_session import open_session
from encoders.runtime.optional import require

NAME = "rapidocr"
MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
# Counts from 1; raise it when the code here gives other text for the same models.
_BUILD = 2
# What the detector sees of a picture, in pixels. Small ones are enlarged, for letters must span some
# pixels of its map; the wheel's own 736 takes a third more time and finds no more.
_SHORTER_AT_LEAST = 480
_LONGER_AT_MOST = 1600
# One line at a time, short ones not widened to 320 pixels: a quarter less time than batches of six,
# with fewer errors, and no line depends on its neighbours.
_RECOGNITION_SHAPE, _RECOGNITION_BATCH = [3, 48, 96], 1


class RapidFinder:
    """Finds lines by the wheel's detector and classifier; see `load_finder`. Implements LineFinder."""

    def __init__(self, identity: str, detector: Any, classifier: Any) -> None:
        self.identity = identity
        self._detector = detector
        self._classifier = classifier

    def find(self, image: Picture) -> list[Polygon]:
        """See `LineFinder.find`."""
        height, width = image.shape[:2]
        target = _detection_size(width, height)
        boxes = self._detector(require("cv2").resize(geometry.bgr(image), target)).boxes
        if boxes is None:
            return []
        scale = np.array([width / target[0], height / target[1]], np.float32)
        return [geometry.inside(box.astype(np.float32) * scale, width, height) for box in boxes]

    def looks_turned(self, crops: Sequence[Picture]) -> bool:
        """See `LineFinder.looks_turned`.

        Single short lines look alike upside down: opinions are added up, the longer the line the
        more it counts.
        """
        if not crops:
            return False
        labels: list[tuple[str, float]] = self._classifier(list(map(geometry.bgr, crops))).cls_res
        lengths = [crop.shape[1] / crop.shape[0] for crop in crops]
        sides = [float(score) if label == "180" else -float(score) for label, score in labels]
        return bool(np.dot(sides, lengths) > 0)


class RapidLines:
    """Reads Latin script, digits and Han in single lines. Implements LineReader."""

    def __init__(self, spec: OcrSpec, recognizer: Any, recognizer_input: Any) -> None:
        self.spec = spec
        self._recognizer = recognizer
        self._recognizer_input = recognizer_input

    def read_lines(self, crops: Sequence[Picture]) -> list[LineReading]:
        """See `LineReader.read_lines`."""
        decoding.check(crops)
        if not crops:
            return []
        given = self._recognizer_input(img=list(map(geometry.bgr, crops)), return_word_box=False)
        found = self._recognizer(given)
        return [
            LineReading.stripped(text, score)
            for text, score in zip(found.txts, found.scores, strict=True)
        ]


def spec() -> OcrSpec:
    """Describe what `load` gives, without loading models; errors as `ocr_spec`."""
    digest = files_digest(_model_files().values())
    revision = f"{importlib.metadata.version(NAME)}-{digest}-b{_BUILD}"
    return OcrSpec(name=NAME, revision=revision, scripts=("latin", "han"))


def load(threads: int | None = None) -> LinewiseOcr:
    """Load the models.

    Args:
        threads: Threads one model call may use; None for one per core.
    """
    config = _config(threads)
    recognition = require("rapidocr.ch_ppocr_rec")
    reader = RapidLines(spec(), recognition.TextRecognizer(config.Rec), recognition.TextRecInput)
    return LinewiseOcr(spec(), _finder(config), reader)


def load_finder(threads: int | None = None) -> RapidFinder:
    """Load what finds lines, for another reader; argument as for `load`."""
    return _finder(_config(threads))


def _finder(config: Any) -> RapidFinder:
    detector = require("rapidocr.ch_ppocr_det").TextDetector(config.Det)
    classifier = require("rapidocr.ch_ppocr_cls").TextClassifier(config.Cls)
    return RapidFinder(spec().identity, detector, classifier)


def _config(threads: int | None) -> Any:
    """Read the wheel's own settings, with sessions of ours and no resizing of its own."""
    files = _model_files()
    require("rapidocr.utils.log").logger.setLevel(logging.WARNING)
    package = require("rapidocr.main")
    config = require("rapidocr.utils.parse_parameters").ParseParams.load(package.DEFAULT_CFG_PATH)
    config._set_flag("allow_objects", True)
    config.Det.limit_type, config.Det.limit_side_len = "max", _LONGER_AT_MOST
    config.Rec.rec_img_shape, config.Rec.rec_batch_num = _RECOGNITION_SHAPE, _RECOGNITION_BATCH
    config.Rec.font_path = None
    for section, path in files.items():
        config[section].session = open_session(path, threads)
    return config


def _model_files() -> dict[str, Path]:
    found = importlib.util.find_spec(NAME)
    if found is None or found.origin is None:
        raise EncoderNotInstalled(NAME)
    folder = Path(found.origin).parent / "models"
    for name in MODELS.values():
        if not (folder / name).is_file():  # the wheel's own loader would go and download it
            raise WeightsInvalid(folder / name, "the file is missing; install rapidocr again")
    return {section: folder / name for section, name in MODELS.items()}


def _detection_size(width: int, height: int) -> tuple[int, int]:
    """Width and height for the detector, multiples of 32."""
    scale = max(1.0, _SHORTER_AT_LEAST / min(width, height))
    scale = min(scale, _LONGER_AT_MOST / max(width, height))
    return max(32, round(width * scale / 32) * 32), max(32, round(height * scale / 32) * 32)
