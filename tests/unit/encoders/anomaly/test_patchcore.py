"""The parts of PatchCore against plain computations of the same."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from encoders.anomaly.calibration import thresholds
from encoders.anomaly.coreset import k_centre_greedy, signs
from encoders.anomaly.patchcore import MemoryBank, Scorer, anomaly_map

SMALL = st.integers(0, 6).flatmap(
    lambda seed: st.tuples(st.just(seed), st.integers(2, 9), st.integers(1, 4))
)


def points(seed: int, count: int, dim: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)


def radius(given: np.ndarray, chosen: np.ndarray) -> float:
    return float(cdist(given, given[list(chosen)]).min(axis=1).max())


@given(SMALL)
def test_a_coreset_is_at_most_twice_as_wide_as_the_best(case: tuple[int, int, int]) -> None:
    """Gonzalez' bound, against all subsets."""
    seed, count, size = case
    made = points(seed, count)
    chosen = k_centre_greedy(made, size, seed)
    assert len(set(chosen.tolist())) == len(chosen) == min(size, count)
    best = min(
        radius(made, np.array(some)) for some in itertools.combinations(range(count), len(chosen))
    )
    assert radius(made, chosen) <= 2 * best + 1e-5


def test_a_coreset_is_the_same_for_a_seed_and_begins_with_smaller_ones() -> None:
    made = points(1, 200, 80)
    whole = k_centre_greedy(made, 50, 7)
    assert whole.tolist() == k_centre_greedy(made, 50, 7).tolist()
    assert whole[:10].tolist() == k_centre_greedy(made, 10, 7).tolist()
    assert whole.tolist() != k_centre_greedy(made, 50, 8).tolist()


def test_copies_are_chosen_once() -> None:
    made = np.repeat(points(2, 4), 5, axis=0)
    assert len(k_centre_greedy(made, 20, 0)) == 4


@pytest.mark.parametrize(("count", "size"), [(0, 3), (3, 0)])
def test_a_coreset_of_nothing_is_refused(count: int, size: int) -> None:
    with pytest.raises(ValueError, match="cannot choose"):
        k_centre_greedy(np.empty((count, 3), np.float32), size, 0)


def test_a_projection_never_changes_and_keeps_lengths() -> None:
    """The first bits are those of the generator; stored banks depend on them."""
    first = np.unpackbits(np.random.PCG64(0).random_raw(1).reshape(1).astype("<u8").view(np.uint8))
    assert (signs(8, 8, 0).ravel() > 0).tolist() == first.astype(bool).tolist()
    made = points(3, 500, 1152)
    ratio = np.linalg.norm(made @ signs(1152, 256, 0), axis=1) / np.linalg.norm(made, axis=1)
    assert 0.95 < ratio.mean() < 1.05
    assert ratio.std() < 0.1


def plain_score(bank: np.ndarray, asked: np.ndarray) -> float:
    """Equations 6 and 7 of the paper, as they stand."""
    between = cdist(asked, bank)
    worst = int(between.min(axis=1).argmax())
    nearest = int(between[worst].argmin())
    around = np.argsort(cdist(bank[nearest : nearest + 1], bank)[0])[: min(9, len(bank))]
    own = between[worst, nearest]
    share = math.exp(own) / sum(math.exp(between[worst, at]) for at in around)
    return float((1 - share) * own)


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(2, 30), st.integers(1, 5))
def test_scores_are_those_of_the_paper(seed: int, size: int, side: int) -> None:
    bank, asked = points(seed, size, 6), points(seed + 99, side * side, 6)
    plain = MemoryBank(bank, np.zeros(6, np.float32), np.ones(6, np.float32))
    found = Scorer(plain).scores(asked.reshape(side, side, 6))
    expected = cdist(asked, bank).min(axis=1).reshape(side, side)
    np.testing.assert_allclose(found.patches, expected, rtol=1e-3, atol=1e-3)
    assert found.image == pytest.approx(plain_score(bank, asked), rel=1e-2, abs=1e-3)


def test_patches_left_out_do_not_count() -> None:
    bank, asked = points(1, 12, 6), points(2, 9, 6)
    scorer = Scorer(MemoryBank(bank, np.zeros(6, np.float32), np.ones(6, np.float32)))
    without = np.arange(12) % 3 == 0
    found, nearest = scorer.distances(asked.reshape(3, 3, 6), without)
    between = np.where(without, np.inf, cdist(asked, bank))
    np.testing.assert_allclose(found.ravel(), between.min(axis=1), rtol=1e-3)
    assert nearest.ravel().tolist() == between.argmin(axis=1).tolist()


def test_features_are_standardised_as_the_bank_is() -> None:
    centre, spread = np.array([1, 2], np.float32), np.array([2, 4], np.float32)
    bank = MemoryBank(np.zeros((1, 2), np.float32), centre, spread)
    found = Scorer(bank).scores(np.array([[[3, 2]]], np.float32))
    assert found.patches.tolist() == [[1.0]]
    assert found.image == 1.0  # one patch alone has no neighbourhood to be weighed by


def test_the_rim_does_not_count_but_is_shown() -> None:
    features = np.zeros((4, 4, 1), np.float32)
    features[0, 0], features[1, 2] = 9, 2
    bank = MemoryBank(np.zeros((1, 1), np.float32), np.zeros(1, np.float32), np.ones(1, np.float32))
    assert Scorer(bank).scores(features).image == 9
    inside = Scorer(bank, rim=1).scores(features)
    assert (inside.image, inside.patches[0, 0]) == (2, 9)
    # A rim wider than the picture leaves its middle.
    assert Scorer(bank, rim=9).scores(features).image == 2


def test_a_bank_of_other_features_is_refused() -> None:
    bank = MemoryBank(np.zeros((1, 2), np.float32), np.zeros(2, np.float32), np.ones(2, np.float32))
    with pytest.raises(ValueError, match="3 channels, a bank of 2"):
        Scorer(bank).scores(np.zeros((1, 1, 3), np.float32))


def test_a_map_has_its_peak_where_the_patch_is() -> None:
    patches = np.zeros((8, 8), np.float32)
    patches[2, 5] = 1
    found = anomaly_map(patches, 64, (320, 160))
    assert found.shape == (160, 320)
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert (row // 20, column // 40) == (2, 5)


@given(
    arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 10), unique=True),
    st.floats(0.01, 0.5),
)
def test_the_threshold_keeps_its_promise_on_what_it_was_set_by(
    scores: np.ndarray, share: float
) -> None:
    found = thresholds(list(scores), [np.ones((2, 2), np.float32)], share)
    assert (scores > found.image).mean() <= share
    assert found.false_alarms == max(share, 1 / (len(scores) + 1))
    # No lower score would do as the conformal rank.
    rank = min(len(scores), math.ceil((len(scores) + 1) * (1 - share)))
    assert (scores <= found.image).sum() == rank


def test_the_threshold_of_pixels_is_of_all_maps() -> None:
    maps = [np.full((10, 10), value, np.float32) for value in (1, 3)]
    assert thresholds([1.0], maps, 0.1).pixel == pytest.approx(3)


@pytest.mark.parametrize(("scores", "share"), [([], 0.1), ([1.0], 0.0), ([1.0], 1.0)])
def test_nothing_to_calibrate_on_is_refused(scores: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="cannot calibrate"):
        thresholds(scores, [np.ones((1, 1), np.float32)], share)
