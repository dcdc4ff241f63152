"""Regions and colours of maps against plain computations of the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.anomaly.regions import LONGEST, MOST, find_regions
from encoders.anomaly.scale import paint, scale_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

THRESHOLD = 0.5


def components(mask: NDArray[np.bool_]) -> list[set[tuple[int, int]]]:
    """Connected parts, corners included, by flooding."""
    left = {(int(row), int(column)) for row, column in np.argwhere(mask)}
    found = []
    while left:
        part, edge = set(), [left.pop()]
        while edge:
            row, column = edge.pop()
            part.add((row, column))
            near = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            edge += near
        found.append(part)
    return found


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12), st.floats(0.1, 0.9))
def test_regions_are_the_connected_parts_of_the_mask(
    seed: int, rows: int, columns: int, share: float
) -> None:
    chance = np.random.default_rng(seed)
    found = chance.random((rows, columns), np.float32) * np.float32(THRESHOLD / share)
    layers = chance.random((rows, columns, 2), np.float32)
    marked = find_regions(found, THRESHOLD, (columns, rows), layers, ("a", "b"))
    down, across = (round(0.375 * side / 2) for side in found.shape)
    mask = np.zeros(found.shape, bool)
    for row, column in np.ndindex(found.shape):
        above, left = max(0, row - down), max(0, column - across)
        near = found[above : row + down + 1, left : column + across + 1]
        mask[row, column] = found[row, column] > max(THRESHOLD, near.max() / 2)
    expected = []
    for part in components(mask):
        rows_of, columns_of = zip(*part, strict=True)
        top, left = min(rows_of), min(columns_of)
        box = (left, top, max(columns_of) - left + 1, max(rows_of) - top + 1)
        peak = max(part, key=lambda at: float(found[at]))
        worst = "ab"[int(layers[peak].argmax())]
        at = (round(float(found[peak]) / THRESHOLD, 3), round(len(part) / found.size, 6))
        expected.append((box, *at, worst))
    assert marked.total == len(expected)
    told = [(one.box, one.peak, one.area, one.detector) for one in marked.regions]
    assert [one[1] for one in told] == sorted((one[1] for one in told), reverse=True)
    assert sorted(told) == sorted(expected)
    for one in marked.regions:
        left, top, width, height = one.box
        assert all(left <= x < left + width and top <= y < top + height for x, y in one.outline)


def test_a_region_is_in_pixels_of_the_picture() -> None:
    found = np.zeros((64, 64), np.float32)
    found[16:32, 32:48] = 1
    size = (4 * LONGEST, LONGEST)
    (region,), _ = find_regions(found, THRESHOLD, size)
    assert region.box == pytest.approx(
        (size[0] / 2, size[1] / 4, size[0] / 4, size[1] / 4), abs=0.02 * size[0]
    )
    assert region.area == pytest.approx(1 / 16, rel=0.1)
    assert region.detector is None


def test_no_more_than_the_most_abnormal_are_outlined_and_all_counted() -> None:
    found = np.zeros((40, 40), np.float32)
    found[::3, ::3] = 200 + np.arange(14 * 14, dtype=np.float32).reshape(14, 14)
    regions, count = find_regions(found, THRESHOLD, (40, 40))
    assert (len(regions), count) == (MOST, 14 * 14)
    assert regions[0].peak == pytest.approx((199 + 14 * 14) / THRESHOLD)


@settings(deadline=None)
@given(st.floats(0.01, 50), st.floats(0, 3))
def test_a_colour_is_of_the_level_whatever_the_picture(threshold: float, level: float) -> None:
    value = np.float32(level * threshold)
    alone = paint(np.full((1, 1), value, np.float32), threshold)[0, 0]
    beside = paint(np.array([[value, 99 * threshold]], np.float32), threshold)[0, 0]
    assert alone.tolist() == beside.tolist()
    red, _, blue = alone.tolist()
    assert (blue > red) if level < 0.9 else (red > blue) if level > 1.5 else True


def test_a_legend_has_the_colours_of_the_map() -> None:
    scale = scale_of(THRESHOLD)
    assert scale.threshold in [value for value, _ in scale.stops]
    assert scale.stops[-1][0] == scale.high
    for value, colour in scale.stops:
        painted = paint(np.full((1, 1), value, np.float32), THRESHOLD)
        assert colour == "#" + bytes(painted[0, 0].tolist()).hex()
