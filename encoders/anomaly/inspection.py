"""A picture judged by a memory bank, with what there is to see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from encoders.anomaly.patchcore import Scorer, Scores, anomaly_map
from encoders.anomaly.render import draw

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from encoders.anomaly.backbones import Backbone
    from encoders.anomaly.render import Drawn
    from encoders.base import Picture


class Judge(NamedTuple):
    """A bank ready to judge; threads may share it.

    Attributes:
        backbone: What the bank was made with.
        scorer: The bank.
        side: Width and height that pictures are scaled to.
        threshold: An image score above it is anomalous.
        pixel_threshold: A value of the map above it is part of the mask.

    """

    backbone: Backbone
    scorer: Scorer
    side: int
    threshold: float
    pixel_threshold: float

    def scores(self, picture: Picture) -> Scores:
        """Score a picture, uint8 of shape (height, width, 3), RGB."""
        return self.scorer.scores(self.backbone.features([picture], self.side)[0])

    def map(self, scores: Scores) -> NDArray[np.float32]:
        """The anomaly map, float32 of shape (side, side)."""
        return anomaly_map(scores.patches, self.side)

    def drawn(self, picture: Picture, scores: Scores, normal: Picture | None) -> Drawn:
        """Draw the result, beside the nearest normal picture where there is one."""
        return draw(picture, self.map(scores), self.pixel_threshold, normal)
