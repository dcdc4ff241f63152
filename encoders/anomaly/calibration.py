"""Calibration of thresholds on the scores of held-out normal pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

# Share of the pixels of normal pictures below the pixel threshold.
_PIXELS = 0.995


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds above which a picture, and a pixel, is abnormal.

    Attributes:
        image: An image score above it is anomalous.
        pixel: A value of the anomaly map above it is part of the mask.
        false_alarms: Expected share of normal pictures above `image`: what was asked for, or more
            where too few pictures were held out to promise that.
    """

    image: float
    pixel: float
    false_alarms: float


def thresholds(
    scores: Sequence[float], maps: Sequence[NDArray[np.float32]], false_alarms: float
) -> Thresholds:
    """Calibrate on held-out normal pictures.

    The threshold of pictures is split-conformal: of n pictures exchangeable with those to come, the
    ceil((n + 1)(1 - a))-th smallest score is exceeded by at most a share `a` of them (V. Vovk,
    A. Gammerman, G. Shafer: Algorithmic Learning in a Random World, 2005).

    Args:
        scores: Image scores, at least one.
        maps: Their anomaly maps, float32 of shape (height, width).
        false_alarms: Share of normal pictures that may be called anomalous, in (0, 1).

    Raises:
        ValueError: If there is no score, or the share is not between 0 and 1.
    """
    if not scores or not 0 < false_alarms < 1:
        raise ValueError(f"cannot calibrate on {len(scores)} scores for {false_alarms}")
    n = len(scores)
    rank = min(n, math.ceil((n + 1) * (1 - false_alarms)))
    return Thresholds(
        image=float(np.sort(np.asarray(scores))[rank - 1]),
        pixel=float(np.quantile(np.concatenate([one.ravel() for one in maps]), _PIXELS)),
        false_alarms=max(false_alarms, 1 / (n + 1)),
    )
