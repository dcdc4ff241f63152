"""Length limit of captions: grows with the detail of the pictures, shrinks with known metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from encoders.pictures import decoding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.base import Picture
    from encoders.captioning.base import Prompt

_SIDE = 256
# Bytes per pixel of a JPEG: of a plain object on a plain ground, and of a page full of print.
_PLAIN, _FULL = 0.08, 0.28
_LEAST_SHARE = 0.25
# Characters of metadata from which on pictures add half as much as without any.
_MUCH_KNOWN = 400
# Shorter answers break off in the middle of a phrase.
_LEAST = 16


def complexity(picture: Picture) -> float:
    """Visual detail of a picture, from 0 (plain) to 1 (full of detail), by its size as a JPEG."""
    # One size for all, or the file's header would make small pictures look detailed.
    scaled = decoding.resized(picture, _SIDE, _SIDE)
    density = len(decoding.thumbnail(scaled, _SIDE, "jpeg")) / _SIDE**2
    return float(np.clip((density - _PLAIN) / (_FULL - _PLAIN), 0, 1))


def checked_limit(images: Sequence[Picture], prompt: Prompt, metadata: str, tokens: int) -> int:
    """Check the pictures of one item; longest answer in tokens: `tokens`, or where 0, the budget.

    Raises:
        ValueError: If there is no picture, or something else than one.
    """
    if not images:
        raise ValueError("there is no picture to describe")
    decoding.check(images)
    return tokens or budget(images, metadata, prompt.max_tokens)


def budget(images: Sequence[Picture], metadata: str, most: int) -> int:
    """Longest useful answer in tokens.

    Grows with the detail of the most detailed picture, shrinks with what is known already.

    Args:
        images: The pictures, at least one.
        metadata: What is known already.
        most: The prompt's limit.

    Returns:
        Between 16, or `most` where that is less, and `most`.
    """
    detail = max(complexity(image) for image in images)
    share = _LEAST_SHARE + (1 - _LEAST_SHARE) * detail
    unknown = 1 - 0.5 * min(1.0, len(metadata) / _MUCH_KNOWN)
    return max(min(most, _LEAST), round(most * share * unknown))
