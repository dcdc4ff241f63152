from __future__ import annotations

import numpy as np
import pytest

from encoders.ocr import tesseract
from encoders.ocr.base import OcrFailed, OcrNotInstalled
from encoders.ocr.tesseract import Tesseract
from tests.unit.encoders.ocr.drawing import drawn, korean_font

HEADER = (
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
)


def test_latin_lines_of_a_picture_are_read(tesseract_program: Tesseract) -> None:
    rows = ["MODEL TMP-3403", "SERIAL 48213375"]
    (result,) = tesseract_program.read([drawn(rows)])
    lines = sorted(result.lines, key=lambda line: float(line.polygon[0, 1]))
    assert [line.text for line in lines] == rows
    for line, top in zip(lines, (30, 90), strict=True):
        assert line.engine == "tesseract"
        assert 0.5 < line.confidence <= 1
        assert line.polygon[0, 0] == pytest.approx(40, abs=6)
        assert top <= line.polygon[0, 1] < line.polygon[2, 1] < top + 50


def test_korean_lines_are_read_in_their_order(tesseract_program: Tesseract) -> None:
    rows = ["제조번호", "SERIAL 48213375", "대한민국", "부품번호"]
    crops = [drawn([row], korean_font(), size=(420, 100)) for row in rows]
    readings = tesseract_program.read_lines(crops)
    assert [reading.text for reading in readings] == rows
    assert all(0.5 < reading.confidence <= 1 for reading in readings)


def test_light_writing_on_dark_ground_is_read(tesseract_program: Tesseract) -> None:
    crop = 255 - drawn(["ORDER 48213375"], size=(420, 100))
    assert tesseract_program.read_lines([crop])[0].text == "ORDER 48213375"


def test_a_picture_alone_gives_what_it_gives_among_others(tesseract_program: Tesseract) -> None:
    pictures = [drawn([text], size=(420, 100)) for text in ("MODEL 12", "", "SERIAL 48213375")]
    together = tesseract_program.read(pictures)
    for picture, result in zip(pictures, together, strict=True):
        (alone,) = tesseract_program.read([picture])
        assert [line[1:] for line in alone.lines] == [line[1:] for line in result.lines]
    assert together[1].lines == ()
    lines = tesseract_program.read_lines(pictures)
    assert lines == [tesseract_program.read_lines([picture])[0] for picture in pictures]
    assert lines[1] == ("", 0.0)


def test_more_pictures_than_one_process_takes(
    tesseract_program: Tesseract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tesseract, "_FILES_PER_CALL", 2)
    rows = ["ORDER 12", "MODEL 34", "SERIAL 56"]
    readings = tesseract_program.read_lines([drawn([row], size=(420, 100)) for row in rows])
    assert [reading.text for reading in readings] == rows


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2)])
def test_pictures_of_odd_sizes_are_read(
    tesseract_program: Tesseract, size: tuple[int, int]
) -> None:
    picture = np.full((*size, 3), 200, np.uint8)
    assert tesseract_program.read_lines([picture]) == [("", 0.0)]
    assert tesseract_program.read([picture])[0].lines == ()


def test_nothing_asks_for_no_process(tesseract_program: Tesseract) -> None:
    assert tesseract_program.read([]) == []
    assert tesseract_program.read_lines([]) == []


def test_what_is_no_picture_is_refused(tesseract_program: Tesseract) -> None:
    with pytest.raises(ValueError, match=r"images\[0\]"):
        tesseract_program.read([np.zeros((0, 4, 3), np.uint8)])
    with pytest.raises(ValueError, match=r"images\[0\]"):
        tesseract_program.read_lines([np.zeros((4, 4), np.uint8)])


def test_its_identity_names_version_languages_and_data(tesseract_program: Tesseract) -> None:
    assert tesseract.spec() == tesseract_program.spec
    assert tesseract_program.spec.scripts == ("hangul", "latin")
    assert "-kor+eng-" in tesseract_program.spec.identity


def test_a_missing_program_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(OcrNotInstalled, match="apt-get install tesseract-ocr tesseract-ocr-kor"):
        tesseract.load()


@pytest.mark.usefixtures("tesseract_program")
def test_missing_language_data_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tesseract, "LANGUAGES", ("kor", "eng", "tlh"))
    with pytest.raises(OcrNotInstalled, match="language data tlh"):
        tesseract.spec()


def test_a_failing_program_says_why(tesseract_program: Tesseract) -> None:
    broken = Tesseract(tesseract_program.spec, "/bin/false")
    with pytest.raises(OcrFailed, match="tesseract"):
        broken.read([drawn(["A"])])


def test_spaces_within_korean_words_are_closed() -> None:
    def row(number: int, left: int, text: str) -> str:
        return f"5\t1\t1\t1\t1\t{number}\t{left}\t10\t{20 * len(text)}\t20\t90\t{text}"

    table = "\n".join(
        [HEADER, row(1, 0, "제"), row(2, 22, "조"), row(3, 60, "번호"), row(4, 102, "A1")]
    )
    words = [word for _, word in tesseract._words(table)]
    assert tesseract._joined(words) == "제조 번호 A1"
