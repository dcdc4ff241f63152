"""Joined detectors against plain computations of the same."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.anomaly import joint, marks
from encoders.anomaly.calibration import soft_maximum
from encoders.anomaly.change import change_distances, fit_change
from encoders.anomaly.contrast import LONGEST, as_picture, grain, local_contrast

PIECES = [f"piece {at // 2}" for at in range(24)]


def looks(seed: int, count: int = 24) -> list[joint.Look]:
    chance = np.random.default_rng(seed)
    strongest = (marks.KERNELS, len(marks.RINGS) + 1)
    return [
        joint.Look(
            chance.random((6, 6), np.float32),
            chance.standard_normal(strongest, np.float32),
            chance.standard_normal((4, 4, 12), np.float32),
        )
        for _ in range(count)
    ]


@given(st.integers(1, 9), st.integers(1, 9), st.lists(st.integers(1, 5), max_size=3, unique=True))
def test_rings_are_by_the_nearest_edge(rows: int, columns: int, limits: list[int]) -> None:
    limits.sort()
    found = marks.rings((rows, columns), tuple(limits))
    for (row, column), ring in np.ndenumerate(found):
        edge = min(row, rows - 1 - row, column, columns - 1 - column)
        assert ring == sum(edge >= limit for limit in limits)


@given(st.lists(st.floats(-50, 30), min_size=1, max_size=5))
def test_a_soft_maximum_is_at_least_the_largest_and_nothing(levels: list[float]) -> None:
    found = float(soft_maximum(np.array(levels, np.float32)))
    expected = math.log1p(sum(math.exp(2 * level) for level in levels)) / 2
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-4)
    assert found >= max(0, *levels) - 1e-3


def test_detectors_are_stored_and_read_again() -> None:
    made, levels = joint.fit_joint(looks(0), PIECES, 1.0)
    assert levels.shape == (24, 4)
    kept = joint.unpacked(joint.packed(made))
    assert kept.change.axes.tolist() == [0, 0, 0, 1, 1, 1]  # no grain: both ways
    (asked,) = looks(1, 1)
    assert joint.parts(kept, asked) == joint.parts(made, asked)
    assert tuple(joint.parts(kept, asked)) == joint.NAMES[:4] == kept.names


@pytest.mark.parametrize(("ratio", "axes"), [(2.0, [0]), (0.5, [1])])
def test_a_surface_with_a_grain_is_compared_along_it(ratio: float, axes: list[int]) -> None:
    made, _ = joint.fit_joint(looks(0), PIECES, ratio)
    assert sorted(set(made.change.axes.tolist())) == axes


def test_few_pictures_are_judged_without_a_change() -> None:
    made, levels = joint.fit_joint(looks(0, 2), ["a", "b"], 1.0)
    assert np.isfinite(levels).all()
    assert tuple(joint.parts(made, looks(1, 1)[0])) == joint.PLACED
    assert np.isfinite(joint.measures(made, looks(1, 1)[0])).all()


def test_a_piece_is_judged_by_the_others() -> None:
    """What stands out in the pictures of one piece does not excuse itself."""
    strange = looks(0)
    for at in (0, 1):
        strange[at] = strange[at]._replace(
            strongest=strange[at].strongest + 9,
            coarse=strange[at].coarse * [[[9.0]], *[[[1.0]]] * 3],
        )
    made, levels = joint.fit_joint(strange, PIECES, 1.0)
    scores = soft_maximum(levels)
    inside = soft_maximum(np.array(list(joint.parts(made, strange[0]).values())))
    assert scores[0] > inside + 0.5


def test_two_sides_that_differ_are_far_from_those_that_do_not() -> None:
    chance = np.random.default_rng(3)
    normal = chance.standard_normal((40, 4, 4, 8)).astype(np.float32)
    model, own = fit_change(normal, [str(at) for at in range(40)], (0,))
    asked = normal[0].copy()
    asked[2:] += 3
    found = change_distances(model, asked)
    assert found.shape == (3,)
    assert found[1] == found.max()
    assert found[1] > own.max()


def test_light_is_taken_out_and_marks_stay() -> None:
    chance = np.random.default_rng(4)
    grey = 100 + np.linspace(0, 80, 900) + chance.normal(0, 3, (700, 900))
    grey[300:420, 400:404] -= 25
    flat = local_contrast(np.repeat(grey.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2))
    assert max(flat.shape) == LONGEST
    assert abs(flat[:, 150:300].mean() - flat[:, -300:-150].mean()) < 0.1
    places = marks.responses(flat).places
    row, column = np.unravel_index(places[: marks.LINES].max(axis=0).argmax(), flat.shape)
    assert abs(row * 900 / LONGEST - 360) < 60
    assert abs(column * 900 / LONGEST - 402) < 6
    assert as_picture(flat).dtype == np.uint8
    assert grain(np.tile(np.arange(8.0, dtype=np.float32) % 2, (8, 1))) > 1
