from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from encoders.ocr import geometry

sides = st.tuples(st.integers(0, 60), st.integers(0, 40), st.integers(8, 40), st.integers(4, 20))


@given(sides)
def test_an_upright_crop_is_the_picture_there(box: tuple[int, int, int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 104, 3), np.uint8)
    left, top, width, height = box
    polygon = geometry.rectangle(left, top, left + width, top + height)
    expected = image[top : top + height, left : left + width]
    np.testing.assert_array_equal(geometry.crop(image, polygon), expected)


def test_a_crop_begins_at_the_first_corner() -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    image[10:20, 10:40] = np.arange(30)[None, :, None] * 8
    polygon = geometry.rectangle(10, 10, 40, 20)
    upright = geometry.crop(image, polygon)
    turned = geometry.crop(image, geometry.rotated(polygon, 2))
    np.testing.assert_array_equal(turned[::-1, ::-1], upright)
    assert geometry.crop(image, geometry.rotated(polygon, 1)).shape == (30, 10, 3)


def test_a_crop_without_area_is_one_pixel() -> None:
    point = np.full((4, 2), 3, np.float32)
    assert geometry.crop(np.zeros((9, 9, 3), np.uint8), point).shape == (1, 1, 3)


def test_boxes_of_no_clear_direction_go_with_the_rest() -> None:
    line, column = geometry.rectangle(0, 0, 100, 20), geometry.rectangle(0, 0, 20, 100)
    square = geometry.rectangle(0, 0, 30, 31)
    assert geometry.sideways([line, square]) == [False, False]
    assert geometry.sideways([column, square]) == [True, True]
    assert geometry.sideways([line, line, column, square]) == [False, False, True, False]
    assert geometry.sideways([]) == []


@given(st.lists(st.floats(-50, 150, width=32), min_size=8, max_size=8))
def test_corners_are_moved_inside_and_only_those_outside(values: list[float]) -> None:
    polygon = np.array(values, np.float32).reshape(4, 2)
    moved = geometry.inside(polygon, 100, 50)
    assert moved.min() >= 0
    assert moved[:, 0].max() <= 100
    assert moved[:, 1].max() <= 50
    within = (polygon >= 0).all() and (polygon <= (100, 50)).all()
    assert not within or (moved == polygon).all()


@given(sides, st.integers(0, 3))
def test_the_smallest_rectangle_around_a_box_is_the_box(
    box: tuple[int, int, int, int], turn: int
) -> None:
    left, top, width, height = box
    polygon = geometry.rectangle(left, top, left + width, top + height)
    around = geometry.around(geometry.rotated(polygon, turn))
    np.testing.assert_allclose(around, polygon, atol=0.01)
    assert (geometry.upright(geometry.rotated(polygon, turn)) == polygon).all()


@given(st.lists(st.tuples(st.integers(17, 22), st.integers(3, 9)), min_size=1, max_size=6))
def test_letters_of_a_column_stand_in_a_row(letters: list[tuple[int, int]]) -> None:
    column = np.full((400, 26, 3), 230, np.uint8)
    at = 4
    for shade, (tall, gap) in enumerate(letters):
        column[at : at + tall, 3:23] = 20 + shade
        at += tall + gap
    row = geometry.in_a_row(column)
    shades = [value for value in row[row.shape[0] // 2, :, 0].tolist() if value != 230]
    if len(letters) > 1:
        assert list(dict.fromkeys(shades)) == [20 + shade for shade in range(len(letters))]
        assert row.shape[0] == max(tall for tall, _ in letters)
    else:
        assert (row == column).all()
