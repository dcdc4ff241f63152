from __future__ import annotations

import importlib.util
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from encoders.errors import EncoderNotInstalled
from encoders.ocr import tesseract
from encoders.ocr.base import OcrFailed
from tests.unit.encoders.ocr.drawing import drawn, korean_font

if TYPE_CHECKING:
    from pathlib import Path

    from encoders.base import Picture
    from encoders.ocr.tesseract import TesseractLines

ROWS = ["제조번호", "48213375", "대한민국", "부품번호"]


@pytest.fixture(scope="module")
def crops() -> list[Picture]:
    return [drawn([row], korean_font(), size=(420, 100)) for row in ROWS]


def test_korean_lines_are_read_in_their_order(
    tesseract_lines: TesseractLines, crops: list[Picture]
) -> None:
    readings = tesseract_lines.read_lines(crops)
    assert [reading.text for reading in readings] == ROWS
    assert all(0.5 < reading.confidence <= 1 for reading in readings)


def test_light_writing_on_dark_ground_is_read(
    tesseract_lines: TesseractLines, crops: list[Picture]
) -> None:
    assert tesseract_lines.read_lines([255 - crops[0]])[0].text == "제조번호"


def test_threads_read_side_by_side_what_one_reads(
    tesseract_lines: TesseractLines, crops: list[Picture]
) -> None:
    alone = [tesseract_lines.read_lines([crop])[0] for crop in crops]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda _: tesseract_lines.read_lines(crops), range(4)))
    assert together == [alone] * 4


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2)])
def test_pictures_without_writing_have_no_text(
    tesseract_lines: TesseractLines, size: tuple[int, int]
) -> None:
    picture = np.full((*size, 3), 200, np.uint8)
    assert tesseract_lines.read_lines([picture]) == [("", 0.0)]


def test_what_is_no_picture_is_refused(tesseract_lines: TesseractLines) -> None:
    with pytest.raises(ValueError, match=r"images\[0\]"):
        tesseract_lines.read_lines([np.zeros((4, 4), np.uint8)])


def test_its_identity_names_version_languages_and_data(tesseract_lines: TesseractLines) -> None:
    assert tesseract.spec() == tesseract_lines.spec
    assert tesseract_lines.spec.scripts == ("hangul", "latin")
    assert "-kor-" in tesseract_lines.spec.identity
    assert (tesseract.DATA / "LICENSE").is_file()


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EncoderNotInstalled, match=r"pip install 'seogo\[local\]'"):
        tesseract.load()


@pytest.mark.usefixtures("tesseract_lines")
def test_damaged_data_is_an_error_that_names_the_engine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kor.traineddata").write_bytes(b"no model")
    monkeypatch.setattr(tesseract, "DATA", tmp_path)
    with pytest.raises(OcrFailed, match="tesseract"):
        tesseract.load()


def test_spaces_within_korean_words_are_closed() -> None:
    def row(number: int, left: int, text: str) -> str:
        return f"5\t1\t1\t1\t1\t{number}\t{left}\t10\t{20 * len(text)}\t20\t90\t{text}"

    table = "\n".join([row(1, 0, "제"), row(2, 22, "조"), row(3, 60, "번호"), row(4, 102, "A1")])
    assert tesseract._joined(list(tesseract._words(table))) == "제조 번호 A1"
