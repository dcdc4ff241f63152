from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from encoders.errors import EncoderError, EncoderNotInstalled, EncoderUnknown
from encoders.ocr import tesseract
from encoders.ocr.registry import NAMES, build_ocr, ocr_spec
from encoders.ocr.settings import OcrOptions

if TYPE_CHECKING:
    from pathlib import Path

ONE_THREAD = OcrOptions(threads=1)


@pytest.mark.model
@pytest.mark.parametrize("name", NAMES)
def test_a_spec_is_that_of_the_built_engine(name: str) -> None:
    try:
        spec = ocr_spec(name)
    except EncoderError as exc:
        with pytest.raises(type(exc), match=re.escape(str(exc))):
            build_ocr(name, ONE_THREAD)
    else:
        assert build_ocr(name, ONE_THREAD).spec == spec
        assert spec.name == name
        assert "latin" in spec.scripts


def test_an_unknown_name_lists_the_known_ones() -> None:
    for function in (ocr_spec, build_ocr):
        with pytest.raises(EncoderUnknown, match=r"'abbyy'.*auto, paddle, paddle-vl, rapidocr"):
            function("abbyy")


def test_auto_does_without_a_hangul_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "_PACKAGE", "no_such_package")
    monkeypatch.setitem(sys.modules, "paddleocr", None)
    assert ocr_spec("auto").scripts == ("latin", "han")
    assert "rapidocr@" in ocr_spec("auto").identity
    with pytest.raises(EncoderNotInstalled, match=r"pip install 'seogo\[local\]'"):
        ocr_spec("tesseract")


def test_auto_reads_hangul_with_nothing_but_wheels() -> None:
    spec = ocr_spec("auto")
    assert "hangul" in spec.scripts
    assert "paddle@" in spec.identity or tesseract.spec().identity in spec.identity


def test_missing_paddle_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "paddleocr", None)
    for name in ("paddle", "paddle-vl"):
        with pytest.raises(EncoderNotInstalled, match=r"pip install 'seogo\[paddle\]'"):
            build_ocr(name)
    # A folder named for `auto` is not passed over in silence.
    with pytest.raises(EncoderNotInstalled):
        ocr_spec("auto", OcrOptions(paddle_recognition=tmp_path))


def test_importing_the_engines_loads_no_model_library() -> None:
    code = """
import sys
import encoders.ocr.registry, encoders.labels.reading
heavy = ("onnxruntime", "cv2", "rapidocr", "paddleocr", "paddlex", "torch")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
