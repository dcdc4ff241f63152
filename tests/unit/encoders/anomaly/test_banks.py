"""Banks made of pictures by real backbones, and what is drawn of them."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from encoders.anomaly import backbones, joint, render
from encoders.anomaly.errors import PicturesAlike, TooFewPictures
from encoders.anomaly.fit import FitOptions, Sample, fit
from encoders.anomaly.inspection import Judge
from encoders.anomaly.patchcore import Scorer
from encoders.anomaly.scale import paint

if TYPE_CHECKING:
    from pathlib import Path

    from encoders.anomaly.fit import Fitted
    from encoders.base import Picture

SMALL = FitOptions(size=200, side=128)


def surface(seed: int, *, spot: bool = False, pit: tuple[int, int] | None = None) -> Picture:
    rng = np.random.default_rng(seed)
    grey = np.clip(rng.normal(128, 12, (96, 128)), 0, 255).astype(np.uint8)
    if spot:
        grey[60:84, 84:116] = 250
    if pit is not None:
        grey[pit[0] : pit[0] + 7, pit[1] : pit[1] + 7] = 30
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)


@pytest.fixture(scope="module")
def backbone(model_cache: Path) -> backbones.Backbone:
    return backbones.build("efficientnet-lite0", model_cache, 1)


@pytest.fixture(scope="module")
def judge(backbone: backbones.Backbone) -> Judge:
    samples = [Sample(f"piece {seed // 2}", partial(surface, seed)) for seed in range(12)]
    made = fit(backbone, samples, SMALL)
    assert len(made.bank.patches) == len(made.places) == 192  # 12 pictures of 4 x 4 patches
    assert made.judged == list(range(12))
    # Half floats, as the database keeps them.
    assert (made.bank.patches == made.bank.patches.astype(np.float16)).all()
    limits = made.thresholds
    assert limits.false_alarms == pytest.approx(1 / 13)
    scorer = Scorer(made.bank)
    return Judge(backbone, scorer, SMALL.side, limits.image, limits.pixel, made.detectors)


def test_a_spot_is_found_and_a_plain_surface_is_not(judge: Judge) -> None:
    scores = judge.scores(surface(77, spot=True))
    assert scores.image > 1.5 * judge.threshold
    assert judge.scores(surface(78)).image < scores.image / 1.5
    row, column = np.unravel_index(scores.patches.argmax(), scores.patches.shape)
    assert row >= 2
    assert column >= 2


@pytest.mark.parametrize("pit", [(40, 60), (0, 0), (89, 50)])
def test_a_pit_is_found_at_the_edge_as_well(judge: Judge, pit: tuple[int, int]) -> None:
    scores = judge.scores(surface(78, pit=pit))
    assert scores.image > judge.threshold
    assert scores.parts["blobs"] > 1
    shown = judge.map(scores)
    row, column = (pit[0] + 3) * 128 // 96, pit[1] + 3
    assert shown[row, column] > judge.pixel_threshold


def test_a_bank_of_before_judges_as_it_did(judge: Judge) -> None:
    alone = judge._replace(detectors=None)
    given = surface(77, spot=True)
    expected = judge.scorer.scores(judge.backbone.features([given], judge.side)[0])
    found = alone.scores(given)
    assert found.image == expected.image
    shown = alone.drawn(given, found, None)
    assert [one.detector for one in shown.marked.regions] == [None] * shown.marked.total


def _fit(backbone: backbones.Backbone, *given: Picture) -> Fitted:
    """A bank of pictures, each registered as a piece of its own."""
    samples = [Sample(f"item {at:03}", partial(_again, one)) for at, one in enumerate(given)]
    return fit(backbone, samples, SMALL)


def _again(picture: Picture) -> Picture:
    return picture


def test_a_bank_of_pictures_is_the_bank_of_the_same_twice(backbone: backbones.Backbone) -> None:
    five = [surface(seed) for seed in range(5)]
    once = _fit(backbone, *five)
    assert once.copies == []
    for twice in (five + five, [one for one in five for _ in range(2)]):
        made = _fit(backbone, *twice)
        assert len(made.copies) == 5
        assert made.thresholds == once.thresholds
        assert made.scores == once.scores
        np.testing.assert_array_equal(made.bank.patches, once.bank.patches)


@pytest.mark.parametrize("near", ["pixel", "jpeg"])
def test_a_bank_of_nearly_the_same_pictures_is_the_bank_of_different_ones(
    backbone: backbones.Backbone, near: str
) -> None:
    five = [surface(seed) for seed in range(5)]
    changed = []
    for picture in five:
        copy = picture.copy()
        if near == "pixel":
            copy[7, 9] = 255 - copy[7, 9]
        else:
            encoded = io.BytesIO()
            Image.fromarray(copy).save(encoded, "jpeg", quality=80)
            copy = np.array(Image.open(encoded))
        changed.append(copy)
    made, once = _fit(backbone, *five, *changed), _fit(backbone, *five)
    assert made.copies == [5, 6, 7, 8, 9]
    assert made.thresholds == once.thresholds


@pytest.mark.parametrize("seen", [surface(1), np.full((96, 128, 3), 255, np.uint8)])
def test_a_bank_of_one_picture_in_several_files_is_refused(
    backbone: backbones.Backbone, seen: Picture
) -> None:
    with pytest.raises(TooFewPictures, match="3 pictures, 2 of them copies of others, of 1 pieces"):
        _fit(backbone, seen, seen.copy(), seen)


def test_a_threshold_of_nothing_is_refused(
    backbone: backbones.Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Copies that nothing has noticed.
    monkeypatch.setattr(
        "encoders.anomaly.fit.first_copies", lambda looks: [at for at, _ in enumerate(looks)]
    )
    with pytest.raises(PicturesAlike, match=r"threshold would be 0\.00"):
        _fit(backbone, surface(1), surface(1))


def test_what_is_drawn(judge: Judge) -> None:
    picture = surface(77, spot=True)
    shown = judge.drawn(picture, judge.scores(picture), surface(1))
    opened = {kind: Image.open(io.BytesIO(png)) for kind, png in shown.drawn._asdict().items()}
    assert {image.format for image in opened.values()} == {"PNG"}
    for kind in ("picture", "heatmap", "mask", "overlay"):
        assert opened[kind].size == (128, 96)
    assert opened["compared"].size == (3 * 128 + 2 * 8, 96)
    np.testing.assert_array_equal(np.asarray(opened["picture"]), picture)
    mask = np.asarray(opened["mask"])
    assert set(np.unique(mask)) <= {0, 255}
    assert mask[72, 100] == 255
    red, _, blue = np.asarray(opened["heatmap"])[72, 100].tolist()
    assert red > blue
    assert shown.scale.threshold == judge.pixel_threshold
    left, top, width, height = shown.marked.regions[0].box
    assert left <= 100 < left + width
    assert top <= 72 < top + height
    assert shown.marked.regions[0].detector in joint.NAMES[:3]


def test_normal_pictures_stay_cool(judge: Judge) -> None:
    heat = paint(judge.map(judge.scores(surface(3))), judge.pixel_threshold).astype(int)
    assert (heat[..., 2] > heat[..., 0]).mean() > 0.97


def test_large_pictures_are_drawn_smaller() -> None:
    wide = np.zeros((20, 3000, 3), np.uint8)
    assert Image.open(io.BytesIO(render.plain(wide))).size == (1024, 7)
    drawn = render.draw(wide, np.zeros((4, 4), np.float32), 1.0)
    assert Image.open(io.BytesIO(drawn.compared)).size[1] == 7
