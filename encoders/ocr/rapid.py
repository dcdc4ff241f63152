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
from typing import Any, NamedTuple

import numpy as np

from encoders.base import Picture
from encoders.errors import EncoderNotInstalled, WeightsInvalid
from encoders.ocr import geometry
from encoders.ocr.base import LineReading, OcrResult, OcrSpec, OcrTextLine, Polygon, files_digest
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
_BUILD = 1
# What the detector sees of a picture, in pixels. Small ones are enlarged, for letters must span some
# pixels of its map; the wheel's own 736 takes a third more time and finds no more.
_SHORTER_AT_LEAST = 480
_LONGER_AT_MOST = 1600
# One line at a time, short ones not widened to 320 pixels: a quarter less time than batches of six,
# with fewer errors, and no line depends on its neighbours.
_RECOGNITION_SHAPE, _RECOGNITION_BATCH = [3, 48, 96], 1


class _Parts(NamedTuple):
    """The wheel's stages, and the struct that the recognizer takes."""

    detector: Any
    classifier: Any
    recognizer: Any
    recognizer_input: Any


class RapidOcr:
    """Reads Latin script, digits and Han; see `load`. Implements OcrEngine and LineReader."""

    def __init__(self, spec: OcrSpec, parts: _Parts) -> None:
        self.spec = spec
        self._parts = parts

    def read(self, images: Sequence[Picture]) -> list[OcrResult]:
        """See `OcrEngine.read`. Places found but not read are lines without text."""
        decoding.check(images)
        return [self._read_one(image) for image in images]

    def read_lines(self, crops: Sequence[Picture]) -> list[LineReading]:
        """See `LineReader.read_lines`."""
        decoding.check(crops)
        return self._recognize([geometry.bgr(crop) for crop in crops])

    def _read_one(self, image: Picture) -> OcrResult:
        height, width = image.shape[:2]
        bgr = geometry.bgr(image)
        found = self._detect(bgr)
        sideways = geometry.sideways(found)
        lines: list[OcrTextLine] = []
        for direction in (False, True):
            rows = [row for row, is_sideways in enumerate(sideways) if is_sideways is direction]
            polygons = [geometry.rotated(found[row], int(direction)) for row in rows]
            lines += self._read_alike(bgr, polygons)
        return OcrResult(tuple(lines), width, height, (self.spec.identity,))

    def _detect(self, bgr: Picture) -> list[Polygon]:
        """Detect boxes, each beginning at its top left in the picture, not in the text."""
        height, width = bgr.shape[:2]
        target = _detection_size(width, height)
        boxes = self._parts.detector(require("cv2").resize(bgr, target)).boxes
        if boxes is None:
            return []
        scale = np.array([width / target[0], height / target[1]], np.float32)
        return [geometry.inside(box.astype(np.float32) * scale, width, height) for box in boxes]

    def _read_alike(self, bgr: Picture, polygons: list[Polygon]) -> list[OcrTextLine]:
        """Read lines that all run the same way, or all the opposite one: upside down.

        Single short lines look alike upside down, so the classifier's opinions are added up, the
        longer the line the more it counts; and it errs on noise and on scripts it does not know,
        so that a picture it calls upside down is read both ways.
        """
        crops = [geometry.crop(bgr, polygon) for polygon in polygons]
        readings = self._recognize(crops)
        if self._looks_turned(crops):
            turned = self._recognize([np.ascontiguousarray(crop[::-1, ::-1]) for crop in crops])
            if _certainty(turned) > _certainty(readings):
                readings = turned
                polygons = [geometry.rotated(polygon, 2) for polygon in polygons]
        return [
            OcrTextLine(polygon, reading.text, reading.confidence, NAME)
            for polygon, reading in zip(polygons, readings, strict=True)
        ]

    def _looks_turned(self, crops: list[Picture]) -> bool:
        if not crops:
            return False
        labels: list[tuple[str, float]] = self._parts.classifier(crops).cls_res
        lengths = [crop.shape[1] / crop.shape[0] for crop in crops]
        sides = [float(score) if label == "180" else -float(score) for label, score in labels]
        return bool(np.dot(sides, lengths) > 0)

    def _recognize(self, crops: list[Picture]) -> list[LineReading]:
        if not crops:
            return []
        given = self._parts.recognizer_input(img=crops, return_word_box=False)
        found = self._parts.recognizer(given)
        return [
            LineReading.stripped(text, score)
            for text, score in zip(found.txts, found.scores, strict=True)
        ]


def spec() -> OcrSpec:
    """Describe what `load` gives, without loading models; errors as `ocr_spec`."""
    digest = files_digest(_model_files().values())
    revision = f"{importlib.metadata.version(NAME)}-{digest}-b{_BUILD}"
    return OcrSpec(name=NAME, revision=revision, scripts=("latin", "han"))


def load(threads: int | None = None) -> RapidOcr:
    """Load the models.

    Args:
        threads: Threads one model call may use; None for one per core.
    """
    files = _model_files()
    require("rapidocr.utils.log").logger.setLevel(logging.WARNING)
    config = _config()
    for section, path in files.items():
        config[section].session = open_session(path, threads)
    recognition = require("rapidocr.ch_ppocr_rec")
    parts = _Parts(
        detector=require("rapidocr.ch_ppocr_det").TextDetector(config.Det),
        classifier=require("rapidocr.ch_ppocr_cls").TextClassifier(config.Cls),
        recognizer=recognition.TextRecognizer(config.Rec),
        recognizer_input=recognition.TextRecInput,
    )
    return RapidOcr(spec(), parts)


def _config() -> Any:
    """Read the wheel's own settings, with sessions of ours allowed and no resizing of its own."""
    package = require("rapidocr.main")
    config = require("rapidocr.utils.parse_parameters").ParseParams.load(package.DEFAULT_CFG_PATH)
    config._set_flag("allow_objects", True)
    config.Det.limit_type, config.Det.limit_side_len = "max", _LONGER_AT_MOST
    config.Rec.rec_img_shape, config.Rec.rec_batch_num = _RECOGNITION_SHAPE, _RECOGNITION_BATCH
    config.Rec.font_path = None
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


def _certainty(readings: list[LineReading]) -> float:
    return sum(reading.confidence * len(reading.text) for reading in readings)
