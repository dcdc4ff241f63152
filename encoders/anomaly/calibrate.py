"""Cross-conformal calibration of a bank: each picture is judged by the pieces other than its own.

V. Vovk: Cross-conformal predictors, Annals of Mathematics and Artificial Intelligence, 2015. Pictures of one
piece are alike, so whole pieces are left out; the bank itself keeps them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from encoders.anomaly import joint
from encoders.anomaly.calibration import Thresholds, soft_maximum, thresholds
from encoders.anomaly.contrast import local_contrast
from encoders.anomaly.errors import PicturesAlike
from encoders.anomaly.inspection import joint_layers, look_at, prepared, shown_marks
from encoders.anomaly.labels import Held, learn
from encoders.anomaly.marks import responses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from encoders.anomaly.backbones import Backbone
    from encoders.anomaly.fit import FitOptions
    from encoders.anomaly.joint import Detectors, Look
    from encoders.anomaly.labels import LabelReport
    from encoders.anomaly.patchcore import Scorer
    from encoders.base import Picture

# Half floats keep distances to a thousandth; those of normal pictures, near 1, differ by tenths.
_LEAST_DISTANCE = 0.02
# Maps that set the threshold of pixels; each has tens of thousands.
_MAPS = 100

Load = Callable[[], "Picture"]


class Calibrated(NamedTuple):
    """Detectors with their thresholds, and the image scores of the pictures that set them.

    `learned` says what came of the labelled defects; their scores are by heads that have not seen their
    pieces.
    """

    detectors: Detectors
    thresholds: Thresholds
    scores: list[float]
    learned: LabelReport
    labelled: list[float]


class _Seen(NamedTuple):
    """Measurements of pictures, with their pieces."""

    looks: list[Look]
    pieces: list[str]
    grains: list[float]


def calibrated(
    backbone: Backbone,
    others: Callable[[str], tuple[Scorer, NDArray[np.bool_] | None]],
    given: Sequence[tuple[Load, str]],
    labelled: Sequence[tuple[Load, str]],
    options: FitOptions,
    on_step: Callable[[str, int, int], None],
) -> Calibrated:
    """Calibrate the detectors of a bank.

    Args:
        backbone: What the bank was made with.
        others: Gives a bank without a piece: a scorer, and those of its patches that do not count.
        given: How to load each normal picture, and its piece; of at least two pieces.
        labelled: The same of defective pictures, to learn from.
        options: How; `side` and `false_alarms`.
        on_step: Called with the name of the step, the work done and the work in all.

    Raises:
        PicturesAlike: If no picture is farther from the other pieces than half floats can tell.
    """
    seen = _seen(backbone, others, given, options, partial(on_step, "calibration"))
    farthest = max(float(one.distances.max()) for one in seen.looks)
    if farthest < _LEAST_DISTANCE:
        raise PicturesAlike(
            f"The threshold would be {farthest:.3f}: the pictures of each piece are like those of the others"
            " to the last patch, and every other normal picture would be a defect. Register pictures of"
            " other pieces."
        )
    detectors, levels = joint.fit_joint(seen.looks, seen.pieces, float(np.median(seen.grains)))
    defects = _seen(backbone, others, labelled, options, partial(on_step, "labelled defects"))
    normal = Held(_measures(detectors, seen), levels, seen.pieces)
    held = _held(detectors, defects)
    learned = learn(normal, held, options.false_alarms)
    own = held.levels
    if learned.head is not None:
        detectors = joint.join_head(detectors, learned)
        levels = np.concatenate([levels, learned.normal[:, np.newaxis]], axis=1)
        own = np.concatenate([own, learned.labelled[:, np.newaxis]], axis=1)
    scores = soft_maximum(levels).tolist()
    maps = _maps(
        detectors, list(zip((load for load, _ in given), seen.looks, strict=True)), options
    )
    limits = thresholds(scores, maps, options.false_alarms)
    return Calibrated(detectors, limits, scores, learned.report, soft_maximum(own).tolist())


def _seen(
    backbone: Backbone,
    others: Callable[[str], tuple[Scorer, NDArray[np.bool_] | None]],
    given: Sequence[tuple[Load, str]],
    options: FitOptions,
    on_step: Callable[[int, int], None],
) -> _Seen:
    """Measure pictures, each against the bank without its piece."""
    found = _Seen([], [], [])
    for done, (load, piece) in enumerate(given, 1):
        one = prepared(backbone, load(), options.side)
        scorer, without = others(piece)
        distances, _ = scorer.distances(one.seen.patches, without)
        found.looks.append(look_at(one, distances))
        found.pieces.append(piece)
        found.grains.append(one.grain)
        on_step(done, len(given))
    return found


def _measures(detectors: Detectors, seen: _Seen) -> NDArray[np.float32]:
    return np.stack([joint.measures(detectors, look) for look in seen.looks])


def _held(detectors: Detectors, seen: _Seen) -> Held:
    """Measures and levels of pictures that the detectors were not fitted to."""
    if not seen.looks:
        return Held(np.empty((0, 0), np.float32), np.empty((0, 0), np.float32), [])
    levels = [list(joint.parts(detectors, look).values()) for look in seen.looks]
    return Held(_measures(detectors, seen), np.array(levels, np.float32), seen.pieces)


def _maps(
    detectors: Detectors,
    given: Sequence[tuple[Load, Look]],
    options: FitOptions,
) -> list[NDArray[np.float32]]:
    """Maps of some of the pictures, evenly spread over all."""
    step = -(-len(given) // _MAPS)
    found = []
    for load, look in given[::step]:
        answers = responses(local_contrast(load()))
        shown = shown_marks(detectors, answers, options.side)
        found.append(soft_maximum(joint_layers(detectors, look.distances, shown)))
    return found
