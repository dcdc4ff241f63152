from __future__ import annotations

import hashlib
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from encoders.errors import WeightsInvalid
from encoders.labels.reading import interpret
from encoders.ocr import geometry, rapid
from tests.unit.encoders.ocr.drawing import drawn, example

if TYPE_CHECKING:
    from pathlib import Path

    from encoders.base import Picture
    from encoders.ocr.base import OcrResult
    from encoders.ocr.linewise import LinewiseOcr

ROWS = ["MODEL: TMP-3403", "P/N 0190-35467", "SERIAL NO. 21F12552", "208 V 60 Hz"]


@pytest.fixture(scope="module")
def plate() -> Picture:
    return drawn(ROWS)


@pytest.fixture(scope="module")
def read(rapidocr: LinewiseOcr, plate: Picture) -> OcrResult:
    return rapidocr.read([plate])[0]


def words(result: OcrResult) -> list[str]:
    lines = sorted(result.lines, key=lambda line: float(line.polygon[0, 1]))
    return "".join(line.text for line in lines).replace(" ", "").split()


def same(first: OcrResult, second: OcrResult) -> bool:
    if len(first.lines) != len(second.lines):
        return False
    pairs = zip(first.lines, second.lines, strict=True)
    return all(a[1:] == b[1:] and (a.polygon == b.polygon).all() for a, b in pairs)


def test_drawn_lines_are_read(read: OcrResult) -> None:
    assert words(read) == ["".join(ROWS).replace(" ", "")]
    assert (read.width, read.height) == (640, 360)
    assert all(line.engine == "rapidocr" for line in read.lines)
    assert all(0.9 < line.confidence <= 1 for line in read.lines)


def test_polygons_lie_in_the_picture_around_the_writing(plate: Picture, read: OcrResult) -> None:
    for line in read.lines:
        assert line.polygon.dtype == np.float32
        assert line.polygon.shape == (4, 2)
        assert (line.polygon >= 0).all()
        assert (line.polygon <= (640, 360)).all()
        x, y = (line.polygon[1] - line.polygon[0], line.polygon[3] - line.polygon[0])
        assert x[0] > 0 < y[1]  # begins at the top left and goes on clockwise
        crop = geometry.crop(plate, line.polygon)
        assert (crop < 128).any()
    dark = (plate < 128).all(axis=2)
    for line in read.lines:
        (left, top), (right, bottom) = line.polygon.min(axis=0), line.polygon.max(axis=0)
        dark[int(top) : int(bottom) + 1, int(left) : int(right) + 1] = False
    assert not dark.any()


@pytest.mark.parametrize(
    ("name", "serial"), [("P0001", "19E99919"), ("P0009", "20D36637"), ("P0003", "21F12552")]
)
def test_serial_numbers_of_the_examples_are_read(
    rapidocr: LinewiseOcr, name: str, serial: str
) -> None:
    result = rapidocr.read([example(name)])[0]
    assert serial in [line.text for line in result.lines]
    assert serial in [one.raw for one in interpret(result.lines).identifiers]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_picture_says_the_same(
    rapidocr: LinewiseOcr, plate: Picture, read: OcrResult, quarters: int
) -> None:
    turned = np.rot90(plate, quarters)
    result = rapidocr.read([turned])[0]
    expected = [line.normalized for line in interpret(read.lines).lines]
    assert [line.normalized for line in interpret(result.lines).lines] == expected
    # A first side that runs along the text, which now runs up, to the left, or down.
    step = result.lines[0].polygon[1] - result.lines[0].polygon[0]
    along = {1: (0, -1), 2: (-1, 0), 3: (0, 1)}[quarters]
    assert np.argmax(np.abs(step)) == np.argmax(np.abs(along))
    assert np.dot(step, along) > 0


def test_a_wrong_opinion_about_its_direction_does_not_turn_a_picture(
    rapidocr: LinewiseOcr, plate: Picture, read: OcrResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rapid.RapidFinder, "looks_turned", lambda *_: True)
    assert same(rapidocr.read([plate])[0], read)


def test_reading_again_and_among_others_gives_the_same(
    rapidocr: LinewiseOcr, plate: Picture, read: OcrResult
) -> None:
    small = drawn(["S/N 12345678"], size=(300, 100))
    first, other, last = rapidocr.read([plate, small, plate])
    assert same(first, read)
    assert same(last, read)
    assert same(other, rapidocr.read([small])[0])


def test_lines_do_not_depend_on_their_neighbours(
    rapidocr: LinewiseOcr, plate: Picture, read: OcrResult
) -> None:
    crops = [geometry.crop(plate, line.polygon) for line in read.lines]
    together = rapidocr.read_lines(crops)
    assert together == [rapidocr.read_lines([crop])[0] for crop in crops]
    assert [reading.text for reading in together] == [line.text for line in read.lines]


def test_threads_may_share_it(rapidocr: LinewiseOcr, read: OcrResult, plate: Picture) -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: rapidocr.read([plate])[0], range(4)))
    assert all(same(result, read) for result in results)


def test_a_picture_without_writing_has_no_lines(rapidocr: LinewiseOcr) -> None:
    assert rapidocr.read([example("P0004")])[0].lines == ()
    assert rapidocr.read([]) == []
    assert rapidocr.read_lines([]) == []


def test_hangul_is_found_but_not_read(rapidocr: LinewiseOcr) -> None:
    lines = rapidocr.read([example("P0002")])[0].lines
    unread = [line for line in lines if not line.text]
    assert unread
    assert all(line.confidence == 0 for line in unread)
    assert "18J12904" in [line.text for line in lines]


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (2, 2)])
def test_pictures_of_odd_sizes_are_read(rapidocr: LinewiseOcr, size: tuple[int, int]) -> None:
    result = rapidocr.read([np.full((*size, 3), 200, np.uint8)])[0]
    assert (result.height, result.width) == size
    assert result.lines == ()


def test_large_pictures_keep_their_coordinates(
    rapidocr: LinewiseOcr, plate: Picture, read: OcrResult
) -> None:
    corner = np.array([1200, 700])
    large = np.full((1400, 2400, 3), 60, np.uint8)
    large[700:1060, 1200:1840] = plate
    lines = rapidocr.read([large])[0].lines
    assert [line.text for line in lines] == [line.text for line in read.lines]
    for line, alone in zip(lines, read.lines, strict=True):
        np.testing.assert_allclose(line.polygon - corner, alone.polygon, atol=12)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((0, 5, 3), np.uint8),
        np.zeros((5, 5), np.uint8),
        np.zeros((5, 5, 4), np.uint8),
        np.zeros((5, 5, 3), np.float32),
    ],
)
def test_what_is_no_picture_is_refused_by_its_row(rapidocr: LinewiseOcr, wrong: Picture) -> None:
    good = np.zeros((5, 5, 3), np.uint8)
    with pytest.raises(ValueError, match=r"images\[1\]"):
        rapidocr.read([good, wrong])
    with pytest.raises(ValueError, match=r"images\[0\]"):
        rapidocr.read_lines([wrong])


def test_its_identity_is_the_checksum_of_its_files(
    rapidocr: LinewiseOcr, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = rapid._model_files()
    expected = hashlib.sha256()
    for path in files.values():
        expected.update(hashlib.sha256(path.read_bytes()).digest())
    assert rapid.spec() == rapidocr.spec
    assert expected.hexdigest()[:12] in rapidocr.spec.identity
    changed = {name: tmp_path / path.name for name, path in files.items()}
    for path in changed.values():
        path.write_bytes(b"other")
    monkeypatch.setattr(rapid, "_model_files", lambda: changed)
    assert rapid.spec() != rapidocr.spec


def test_a_missing_model_file_is_named_and_not_downloaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "rapidocr").mkdir()
    (tmp_path / "rapidocr" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "rapidocr", raising=False)
    with pytest.raises(WeightsInvalid, match=r"PP-OCRv6_det_small\.onnx: .*install rapidocr"):
        rapid.load()


@pytest.mark.model
def test_loading_and_reading_is_silent_and_offline(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    engine = rapid.load(threads=1)
    engine.read([drawn(["ABC-123"], size=(240, 100)), np.zeros((40, 40, 3), np.uint8)])
    assert capfd.readouterr() == ("", "")
