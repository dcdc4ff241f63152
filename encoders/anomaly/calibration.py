"""Calibration of thresholds on the scores of held-out normal pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

# Share of the pixels of normal pictures below the pixel threshold.
_PIXELS = 0.995
# How soft the maximum is over detectors: the higher, the more the strongest alone counts.
_SHARPNESS = 2.0


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


def soft_maximum(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Soft maximum over the last axis, 0 or more: log(1 + sum of exponentials), over the sharpness."""
    scaled = np.minimum(_SHARPNESS * levels, 80)
    found: NDArray[np.float32] = np.log1p(np.exp(scaled).sum(axis=-1)) / np.float32(_SHARPNESS)
    return found


def image_threshold(scores: Sequence[float], false_alarms: float) -> float:
    """Split-conformal threshold of pictures.

    Of n pictures exchangeable with those to come, the ceil((n + 1)(1 - a))-th smallest score is exceeded
    by at most a share `a` of them (V. Vovk, A. Gammerman, G. Shafer: Algorithmic Learning in a Random
    World, 2005).

    Raises:
        ValueError: If there is no score, or the share is not between 0 and 1.
    """
    if not scores or not 0 < false_alarms < 1:
        raise ValueError(f"cannot calibrate on {len(scores)} scores for {false_alarms}")
    rank = min(len(scores), math.ceil((len(scores) + 1) * (1 - false_alarms)))
    return float(np.sort(np.asarray(scores))[rank - 1])


def thresholds(
    scores: Sequence[float], maps: Sequence[NDArray[np.float32]], false_alarms: float
) -> Thresholds:
    """Calibrate on held-out normal pictures.

    Args:
        scores: Image scores, at least one.
        maps: Their anomaly maps, float32 of shape (height, width).
        false_alarms: Share of normal pictures that may be called anomalous, in (0, 1).

    Raises:
        ValueError: If there is no score, or the share is not between 0 and 1.
    """
    return Thresholds(
        image=image_threshold(scores, false_alarms),
        pixel=float(np.quantile(np.concatenate([one.ravel() for one in maps]), _PIXELS)),
        false_alarms=max(false_alarms, 1 / (len(scores) + 1)),
    )
