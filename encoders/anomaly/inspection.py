"""A picture judged by a memory bank, with what there is to see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from encoders.anomaly import joint
from encoders.anomaly.contrast import as_picture, grain, local_contrast
from encoders.anomaly.marks import FilterAnswers, responses
from encoders.anomaly.patchcore import Scorer, Scores, anomaly_map
from encoders.anomaly.render import draw
from encoders.runtime.optional import require

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from encoders.anomaly.backbones import Backbone, Seen
    from encoders.anomaly.joint import Detectors
    from encoders.anomaly.render import Drawn
    from encoders.base import Picture

# Deviation of the Gaussian that smooths marks, in pixels of the square map.
_SIGMA = 2.0
# Level below which marks are equally normal: between lines there is nothing, which says nothing of them.
_COOL = -1.0


class Prepared(NamedTuple):
    """A picture without its light, seen by a backbone and by the filters.

    Attributes:
        seen: By the backbone.
        answers: Of the filters.
        grain: Ratio of the change across to the change along.
    """

    seen: Seen
    answers: FilterAnswers
    grain: float


def prepared(backbone: Backbone, picture: Picture, side: int) -> Prepared:
    """Prepare a picture, uint8 of shape (height, width, 3), RGB."""
    contrast = local_contrast(picture)
    return Prepared(backbone.see(as_picture(contrast), side), responses(contrast), grain(contrast))


class Judge(NamedTuple):
    """A bank ready to judge; threads may share it.

    Attributes:
        backbone: What the bank was made with.
        scorer: The bank.
        side: Width and height that pictures are scaled to.
        threshold: An image score above it is anomalous.
        pixel_threshold: A value of the map above it is part of the mask.
        detectors: What joins the bank; None for a bank of before, which judges alone.

    """

    backbone: Backbone
    scorer: Scorer
    side: int
    threshold: float
    pixel_threshold: float
    detectors: Detectors | None = None

    def scores(self, picture: Picture) -> Scores:
        """Score a picture, uint8 of shape (height, width, 3), RGB."""
        if self.detectors is None:
            return self.scorer.scores(self.backbone.features([picture], self.side)[0])
        given = prepared(self.backbone, picture, self.side)
        distances, nearest = self.scorer.distances(given.seen.patches)
        look = joint.Look(distances, given.answers.strongest, given.seen.coarse)
        parts = joint.parts(self.detectors, look)
        worst = int(joint.patch_levels(self.detectors.rings, distances).argmax())
        return Scores(
            image=float(joint.soft_maximum(np.array(list(parts.values()), np.float32))),
            patches=distances,
            nearest=int(nearest.flat[worst]),
            parts=parts,
            map=joint_map(
                self.detectors, distances, shown_marks(self.detectors, given.answers, self.side)
            ),
        )

    def map(self, scores: Scores) -> NDArray[np.float32]:
        """The anomaly map, float32 of shape (side, side)."""
        return anomaly_map(scores.patches, self.side) if scores.map is None else scores.map

    def drawn(self, picture: Picture, scores: Scores, normal: Picture | None) -> Drawn:
        """Draw the result, beside the nearest normal picture where there is one."""
        return draw(picture, self.map(scores), self.pixel_threshold, normal)


def shown_marks(detectors: Detectors, answers: FilterAnswers, side: int) -> NDArray[np.float32]:
    """Levels of lines and of blobs on a square map, float32 of shape (side, side, 2)."""
    cv2 = require("cv2")
    found = [
        cv2.GaussianBlur(np.maximum(one, _COOL), (0, 0), _SIGMA)
        for one in joint.mark_levels(detectors, answers, side)
    ]
    return np.stack(found, axis=2)


def joint_map(
    detectors: Detectors, distances: NDArray[np.float32], shown: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Anomaly map of patches, lines and blobs, float32 of shape (side, side), 0 or more.

    A change of texture is of two sides against each other and has no place: on maps of magnetic tiles,
    either side marked made them worse.
    """
    middle, width = detectors.scale[0]
    levels = joint.patch_levels(detectors.rings, distances)
    patches = anomaly_map((levels - middle) / width, len(shown))
    return joint.soft_maximum(np.concatenate([patches[..., np.newaxis], shown], axis=-1))
