"""PaddleOCR on model folders made of the rapidocr wheel's files: real models, though without Hangul."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from encoders.errors import WeightsInvalid
from encoders.hub import models
from encoders.ocr import paddle, paddle_vl, registry
from encoders.ocr.base import OcrNotInstalled
from encoders.ocr.settings import OcrOptions, VlSettings

installed = importlib.util.find_spec("paddleocr") is not None
needs_paddle = pytest.mark.skipif(not installed, reason="pip install 'seogo[paddle]'")
# PaddleOCR and what it brings warn of their own use of each other.
pytestmark = pytest.mark.filterwarnings("ignore")

DETECTION = {
    "Global": {"model_name": "PP-OCRv6_small_det"},
    "PreProcess": {
        "transform_ops": [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"DetResizeForTest": {"resize_long": 960}},
            {
                "NormalizeImage": {
                    "mean": [0.485, 0.456, 0.406],
                    "std": [0.229, 0.224, 0.225],
                    "scale": "1./255.",
                    "order": "hwc",
                }
            },
            {"ToCHWImage": None},
            {"KeepKeys": {"keep_keys": ["image", "shape", "polys", "ignore_tags"]}},
        ]
    },
    "PostProcess": {
        "name": "DBPostProcess",
        "thresh": 0.3,
        "box_thresh": 0.6,
        "max_candidates": 1000,
        "unclip_ratio": 1.5,
    },
}
RECOGNITION = {
    "Global": {"model_name": "PP-OCRv6_small_rec"},
    "PreProcess": {
        "transform_ops": [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"RecResizeImg": {"image_shape": [3, 48, 320]}},
            {"KeepKeys": {"keep_keys": ["image", "label_ctc", "length", "valid_ratio"]}},
        ]
    },
    "PostProcess": {"name": "CTCLabelDecode"},
}


def options(detection: Path | None, recognition: Path | None) -> OcrOptions:
    return OcrOptions(threads=1, paddle_detection=detection, paddle_recognition=recognition)


def drawn(rows: list[str]) -> np.ndarray:
    image = Image.new("RGB", (560, 60 * len(rows) + 40), (226, 228, 230))
    for number, text in enumerate(rows):
        place = (40, 30 + 60 * number)
        font = ImageFont.load_default(32)
        ImageDraw.Draw(image).text(place, text, fill=(24, 26, 30), font=font)
    return np.array(image)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A detection and a recognition model as PaddleOCR keeps them."""
    yaml, runtime = pytest.importorskip("yaml"), pytest.importorskip("onnxruntime")
    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None:
        pytest.skip("the models come from the rapidocr wheel")
    models = Path(found.origin).parent / "models"
    session = runtime.InferenceSession(str(models / "PP-OCRv6_rec_small.onnx"))
    characters = session.get_modelmeta().custom_metadata_map["character"].split("\n")
    reading = {"character_dict": characters} | RECOGNITION["PostProcess"]
    made = []
    for graph, settings in (
        ("PP-OCRv6_det_small.onnx", DETECTION),
        ("PP-OCRv6_rec_small.onnx", RECOGNITION | {"PostProcess": reading}),
    ):
        folder = tmp_path_factory.mktemp("paddle")
        shutil.copy(models / graph, folder / "inference.onnx")
        written = yaml.safe_dump(settings, allow_unicode=True)
        (folder / "inference.yml").write_text(written, encoding="utf-8")
        made.append(folder)
    return made[0], made[1]


@needs_paddle
def test_lines_are_found_and_read(
    folders: tuple[Path, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    engine = paddle.load(options(*folders))
    rows = ["MODEL TMP-3403", "S/N 21F12552"]
    result, empty = engine.read([drawn(rows), np.zeros((60, 80, 3), np.uint8)])
    lines = sorted(result.lines, key=lambda line: float(line.polygon[0, 1]))
    assert [line.text for line in lines] == rows
    assert all(line.polygon.dtype == np.float32 for line in lines)
    assert all(line.confidence > 0.9 for line in lines)
    assert all(line.engine == "paddle" for line in lines)
    assert result.engines == (engine.spec.identity,)
    assert empty.lines == ()
    assert capfd.readouterr().out == ""
    assert engine.spec == paddle.spec(options(*folders))
    assert engine.spec.scripts == ("latin", "han")
    with pytest.raises(ValueError, match=r"images\[0\]"):
        engine.read([np.zeros((0, 4, 3), np.uint8)])


@needs_paddle
def test_single_lines_are_read_in_their_order(folders: tuple[Path, Path]) -> None:
    reader = paddle.load_lines(options(None, folders[1]))
    rows = ["S/N 21F12552", "P/N 0190-35467"]
    readings = reader.read_lines([drawn([row]) for row in rows])
    assert [one.text.replace(" ", "") for one in readings] == [x.replace(" ", "") for x in rows]
    assert reader.read_lines([]) == []
    assert reader.spec == paddle.lines_spec(options(None, folders[1]))
    assert reader.spec != paddle.spec(options(*folders))


@needs_paddle
def test_missing_models_say_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(tmp_path))
    with pytest.raises(OcrNotInstalled, match="seogo models pull paddle-detection"):
        paddle.load(OcrOptions())
    with pytest.raises(OcrNotInstalled, match=r"inference\.onnx"):
        paddle.load_lines(options(None, tmp_path))


@needs_paddle
@pytest.mark.parametrize("settings", ["", "- 1", "Global: {}", "PostProcess: 3", "{"])
def test_unreadable_settings_are_named(tmp_path: Path, settings: str) -> None:
    (tmp_path / "inference.onnx").touch()
    (tmp_path / "inference.yml").write_text(settings)
    with pytest.raises(WeightsInvalid, match=r"inference\.yml: no settings"):
        paddle.lines_spec(options(None, tmp_path))


@needs_paddle
def test_paddle_vl_without_a_model_says_what_to_name() -> None:
    with pytest.raises(OcrNotInstalled, match="vllm-server"):
        paddle_vl.load(VlSettings())


def test_what_paddle_vl_spots_becomes_lines() -> None:
    found = {
        "rec_polys": [[(-5, 2), (60, 2), (60, 20), (-5, 20)], [(0, 0), (1, 0), (1, 1), (0, 1)]],
        "rec_texts": [" 형식 iXH ", " "],
    }
    (line,) = paddle_vl.spotted(found, 50, 40)
    assert line[1:] == ("형식 iXH", 1.0, "paddle-vl")
    assert line.polygon.tolist() == [[0, 2], [50, 2], [50, 20], [0, 20]]
    assert paddle_vl.spotted({}, 50, 40) == ()


def test_a_pulled_korean_model_is_what_auto_reads_hangul_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("yaml")
    monkeypatch.setattr(paddle, "check_installed", lambda: None)
    monkeypatch.setattr(paddle.importlib.metadata, "version", lambda _: "3.7.0")
    origin, cache = tmp_path / "copied", tmp_path / "models"
    origin.mkdir()
    (origin / "inference.onnx").write_bytes(b"a model")
    reading = {"Global": {"model_name": "korean"}, "PostProcess": {"character_dict": ["A", "가"]}}
    (origin / "inference.yml").write_text(json.dumps(reading))
    given = OcrOptions(models=cache)
    assert registry.hangul_engine(given) == "tesseract"
    models.adopt(paddle.SOURCES["paddle-korean"], origin, cache)
    assert registry.hangul_engine(given) == "paddle"
    assert "hangul" in paddle.lines_spec(given).scripts
    assert "(rapidocr@" in registry.ocr_spec("auto", given).identity
