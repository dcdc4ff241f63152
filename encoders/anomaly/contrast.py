"""Local contrast normalisation: a picture without its light, so that weak marks stand out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from encoders.base import Picture
from encoders.pictures.decoding import resized
from encoders.runtime.optional import require

# Longest side that marks are looked for in, in pixels; larger pictures are scaled down.
LONGEST = 640
# Of the Gaussian window, as a share of the short side: .06 to .25 were tried on magnetic tiles.
_WINDOW = 0.12
# Grey levels added to the deviation: a plain surface stays plain.
_LEAST = 2.0
_MIDDLE, _GAIN = 128, 40


def local_contrast(picture: Picture) -> NDArray[np.float32]:
    """Local contrast of a picture: its grey minus the local mean, over the local deviation.

    K. Jarrett, K. Kavukcuoglu, M. Ranzato, Y. LeCun: What is the best multi-stage architecture for
    object recognition?, ICCV 2009. The picture is reflected at its edges, so that they are not special.

    Args:
        picture: uint8 of shape (height, width, 3), RGB.

    Returns:
        float32 of shape (height, width), of the picture scaled to `LONGEST` where it is larger.
    """
    cv2 = require("cv2")
    height, width = picture.shape[:2]
    scale = min(1.0, LONGEST / max(height, width))
    if scale < 1:
        picture = resized(picture, max(1, round(width * scale)), max(1, round(height * scale)))
    grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY).astype(np.float32)
    sigma = max(1.0, _WINDOW * min(grey.shape))

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        blurred: NDArray[np.float32] = cv2.GaussianBlur(
            values, (0, 0), sigma, borderType=cv2.BORDER_REFLECT
        )
        return blurred

    above = grey - mean(grey)
    found: NDArray[np.float32] = above / (np.sqrt(np.maximum(mean(above**2), 0)) + _LEAST)
    return found


def as_picture(contrast: NDArray[np.float32]) -> Picture:
    """Local contrast as a picture for a backbone, uint8 of shape (height, width, 3)."""
    grey = np.clip(_MIDDLE + _GAIN * contrast, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)


def grain(contrast: NDArray[np.float32]) -> float:
    """Ratio of the change across to the change along: above 1, what there is of grain runs upright."""
    across = np.abs(np.diff(contrast, axis=1)).mean() if contrast.shape[1] > 1 else 0.0
    along = np.abs(np.diff(contrast, axis=0)).mean() if contrast.shape[0] > 1 else 0.0
    return float((across + 1e-6) / (along + 1e-6))
