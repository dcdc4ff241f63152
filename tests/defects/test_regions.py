"""The bench's per-region overlap against the definition, threshold by threshold."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage


@pytest.fixture(scope="module")
def regions() -> Any:
    path = Path(__file__).parents[2] / "bench" / "regions.py"
    spec = importlib.util.spec_from_file_location("regions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plainly(maps: list[np.ndarray], masks: list[np.ndarray], limit: float) -> float:
    """Every score is a threshold once; the curve is cut at the limit."""
    curve = [(0.0, 0.0)]
    for threshold in sorted({float(v) for m in maps for v in m.ravel()}, reverse=True):
        false = sum(int(((m >= threshold) & ~k).sum()) for m, k in zip(maps, masks, strict=True))
        whole = sum(int((~k).sum()) for k in masks)
        overlaps = []
        for scores, mask in zip(maps, masks, strict=True):
            labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
            overlaps += [(scores[labels == n] >= threshold).mean() for n in range(1, count + 1)]
        curve.append((false / whole, float(np.mean(overlaps))))
    rates, found = np.array(curve).T
    grid = np.linspace(0, limit, 20_001)
    return float(np.trapezoid(np.interp(grid, rates, found), grid) / limit)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_area_under_the_curve(regions: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    masks, maps = [], []
    for _ in range(3):
        mask = np.zeros((40, 40), dtype=bool)
        mask[3:8, 4:12] = True
        mask[20 : 20 + seed + 2, 25:38] = True
        masks.append(mask)
        maps.append((rng.random((40, 40)) + mask * rng.random()).astype(np.float32))
    found = regions.per_region_overlap(maps, masks)
    assert found == pytest.approx(plainly(maps, masks, 0.3), abs=0.01)


def test_small_regions_count_as_much_as_large_ones(regions: Any) -> None:
    mask = np.zeros((50, 50), dtype=bool)
    mask[:20], mask[40, 40] = True, True
    large, small = mask.astype(np.float32), np.zeros((50, 50), np.float32)
    large[40, 40], small[40, 40] = 0, 1
    # Half is found without a false pixel; from there the curve goes straight to finding all.
    assert regions.per_region_overlap([large], [mask]) == pytest.approx(0.575, abs=0.01)
    assert regions.per_region_overlap([small], [mask]) == pytest.approx(0.575, abs=0.01)
    assert regions.per_region_overlap([mask.astype(np.float32)], [mask]) == pytest.approx(
        1, abs=0.01
    )


def test_without_a_region_there_is_nothing_to_measure(regions: Any) -> None:
    nothing = np.zeros((4, 4), dtype=bool)
    assert np.isnan(regions.per_region_overlap([np.ones((4, 4), np.float32)], [nothing]))
