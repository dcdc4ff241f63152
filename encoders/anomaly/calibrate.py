"""Cross-conformal calibration of a bank: each picture is judged by the pieces other than its own.

V. Vovk: Cross-conformal predictors, Annals of Mathematics and Artificial Intelligence, 2015. Pictures of one
piece are alike, so whole pieces are left out; the bank itself keeps them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from encoders.anomaly import joint
from encoders.anomaly.calibration import Thresholds, thresholds
from encoders.anomaly.contrast import local_contrast
from encoders.anomaly.errors import PicturesAlike
from encoders.anomaly.inspection import joint_map, prepared, shown_marks
from encoders.anomaly.marks import responses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from encoders.anomaly.backbones import Backbone
    from encoders.anomaly.fit import FitOptions
    from encoders.anomaly.joint import Detectors, Look
    from encoders.anomaly.patchcore import Scorer
    from encoders.base import Picture

# Half floats keep distances to a thousandth; those of normal pictures, near 1, differ by tenths.
_LEAST_DISTANCE = 0.02
# Maps that set the threshold of pixels; each has tens of thousands.
_MAPS = 100

Load = Callable[[], "Picture"]


class Calibrated(NamedTuple):
    """Detectors with their thresholds, and the image scores of the pictures that set them."""

    detectors: Detectors
    thresholds: Thresholds
    scores: list[float]


def calibrated(
    backbone: Backbone,
    others: Callable[[str], tuple[Scorer, NDArray[np.bool_] | None]],
    given: Sequence[tuple[Load, str]],
    options: FitOptions,
    on_step: Callable[[str, int, int], None],
) -> Calibrated:
    """Calibrate the detectors of a bank.

    Args:
        backbone: What the bank was made with.
        others: Gives a bank without a piece: a scorer, and those of its patches that do not count.
        given: How to load each normal picture, and its piece; of at least two pieces.
        options: How; `side` and `false_alarms`.
        on_step: Called with the name of the step, the work done and the work in all.

    Raises:
        PicturesAlike: If no picture is farther from the other pieces than half floats can tell.
    """
    looks, grains = [], []
    for done, (load, piece) in enumerate(given, 1):
        seen = prepared(backbone, load(), options.side)
        scorer, without = others(piece)
        distances, _ = scorer.distances(seen.seen.patches, without)
        looks.append(joint.Look(distances, seen.answers.strongest, seen.seen.coarse))
        grains.append(seen.grain)
        on_step("calibration", done, len(given))
    farthest = max(float(one.distances.max()) for one in looks)
    if farthest < _LEAST_DISTANCE:
        raise PicturesAlike(
            f"The threshold would be {farthest:.3f}: the pictures of each piece are like those of the others"
            " to the last patch, and every other normal picture would be a defect. Register pictures of"
            " other pieces."
        )
    detectors, scores = joint.fit_joint(
        looks, [piece for _, piece in given], float(np.median(grains))
    )
    maps = _maps(detectors, list(zip((load for load, _ in given), looks, strict=True)), options)
    return Calibrated(detectors, thresholds(scores, maps, options.false_alarms), scores)


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
        found.append(
            joint_map(detectors, look.distances, shown_marks(detectors, answers, options.side))
        )
    return found
