"""A picture judged by a memory bank, with what there is to see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from encoders.anomaly import joint
from encoders.anomaly.calibration import soft_maximum
from encoders.anomaly.contrast import as_picture, grain, local_contrast
from encoders.anomaly.marks import FilterAnswers, responses
from encoders.anomaly.patchcore import Scorer, Scores, anomaly_map
from encoders.anomaly.regions import find_regions
from encoders.anomaly.render import draw
from encoders.anomaly.scale import scale_of
from encoders.runtime.optional import require

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from encoders.anomaly.backbones import Backbone
    from encoders.anomaly.joint import Detectors
    from encoders.anomaly.nets.features import Seen
    from encoders.anomaly.regions import Marked
    from encoders.anomaly.render import Drawn
    from encoders.anomaly.scale import Scale
    from encoders.base import Picture

# Deviations of the Gaussians that smooth marks and patches, in pixels of the square map: 2 to 8 and 4 to 20
# were tried on magnetic tiles.
_SIGMA = 2.0
_PATCH_SIGMA = 12.0
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


def look_at(given: Prepared, distances: NDArray[np.float32]) -> joint.Look:
    """Measurements of a prepared picture; distances are those of its patches to a bank."""
    return joint.Look(distances, given.answers.strongest, given.seen.coarse)


class Shown(NamedTuple):
    """Images of a judged picture, its abnormal regions, and the scale of its heatmap."""

    drawn: Drawn
    marked: Marked
    scale: Scale


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
        parts = joint.parts(self.detectors, look_at(given, distances))
        worst = int(joint.patch_levels(self.detectors.rings, distances).argmax())
        return Scores(
            image=float(soft_maximum(np.array(list(parts.values()), np.float32))),
            patches=distances,
            nearest=int(nearest.flat[worst]),
            parts=parts,
            layers=joint_layers(
                self.detectors, distances, shown_marks(self.detectors, given.answers, self.side)
            ),
        )

    def map(self, scores: Scores) -> NDArray[np.float32]:
        """The anomaly map, float32 of shape (side, side)."""
        if scores.layers is None:
            return anomaly_map(scores.patches, self.side)
        return soft_maximum(scores.layers)

    def drawn(self, picture: Picture, scores: Scores, normal: Picture | None) -> Shown:
        """Draw and outline the result, beside the nearest normal picture where there is one."""
        found = self.map(scores)
        height, width = picture.shape[:2]
        return Shown(
            draw(picture, found, self.pixel_threshold, normal),
            find_regions(found, self.pixel_threshold, (width, height), scores.layers, joint.PLACED),
            scale_of(self.pixel_threshold),
        )


def shown_marks(detectors: Detectors, answers: FilterAnswers, side: int) -> NDArray[np.float32]:
    """Levels of lines and of blobs on a square map, float32 of shape (side, side, 2)."""
    cv2 = require("cv2")
    found = [
        cv2.GaussianBlur(np.maximum(one, _COOL), (0, 0), _SIGMA)
        for one in joint.mark_levels(detectors, answers, side)
    ]
    return np.stack(found, axis=2)


def joint_layers(
    detectors: Detectors, distances: NDArray[np.float32], shown: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Levels of patches, lines and blobs on a square map, float32 of shape (side, side, 3).

    Their soft maximum is the anomaly map.

    A change of texture is of two sides against each other and has no place: on maps of magnetic tiles,
    either side marked made them worse.
    """
    middle, width = detectors.scale[0]
    levels = joint.patch_levels(detectors.rings, distances)
    patches = anomaly_map((levels - middle) / width, len(shown), sigma=_PATCH_SIGMA)
    return np.concatenate([patches[..., np.newaxis], shown], axis=-1)
