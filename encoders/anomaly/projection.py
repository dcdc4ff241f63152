"""Random projection to fewer dimensions, the same on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def signs(wide: int, narrow: int, seed: int) -> NDArray[np.float32]:
    """Projection matrix of +1 and -1, scaled so that lengths are kept on average.

    D. Achlioptas: Database-friendly random projections, 2003. Its bits are those of the raw generator,
    which unlike numpy's distributions never change between versions: stored vectors depend on them.

    Returns:
        float32 of shape (wide, narrow).
    """
    words = np.random.PCG64(seed).random_raw(-(-wide * narrow // 64))
    bits = np.unpackbits(words.astype("<u8").view(np.uint8))[: wide * narrow]
    spread: NDArray[np.float32] = bits.astype(np.float32).reshape(wide, narrow) * 2 - 1
    return spread / np.float32(np.sqrt(narrow))
