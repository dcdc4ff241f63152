"""Coreset selection by greedy k-centre, and the random projection it uses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

# Distances in so many projected dimensions keep their order well enough to choose by.
_DIMENSIONS = 64
# Share of the mean squared length below which points are equal: half floats, in which banks are stored,
# resolve a thousandth of the length.
_EQUAL = 1e-6


def k_centre_greedy(
    points: NDArray[np.float32],
    size: int,
    seed: int,
    on_chosen: Callable[[int], None] = lambda _n: None,
) -> NDArray[np.int64]:
    """Choose points so that every point is near to a chosen one.

    Each next point is the one farthest from those chosen: at most twice the best possible radius
    (T. Gonzalez: Clustering to minimize the maximum intercluster distance, 1985). Distances are taken
    in a random projection, as in PatchCore.

    Args:
        points: float32 of shape (n, dim).
        size: How many to choose, if there are as many different ones.
        seed: Of the first point and of the projection.
        on_chosen: Called with the number chosen so far, now and then.

    Returns:
        Indices without repetition, in the order in which they were chosen; at most `size`.

    Raises:
        ValueError: If there is no point, or `size` is not positive.
    """
    if len(points) == 0 or size < 1:
        raise ValueError(f"cannot choose {size} of {len(points)} points")
    narrow = points
    if points.shape[1] > _DIMENSIONS:
        narrow = points @ signs(points.shape[1], _DIMENSIONS, seed)
    squares = np.einsum("ij,ij->i", narrow, narrow)
    chosen = [int(np.random.Generator(np.random.PCG64(seed)).integers(len(points)))]
    nearest = _squared(narrow, squares, chosen[0])
    equal = _EQUAL * float(squares.mean())
    for number in range(1, min(size, len(points))):
        farthest = int(nearest.argmax())
        if nearest[farthest] <= equal:
            break
        chosen.append(farthest)
        np.minimum(nearest, _squared(narrow, squares, farthest), out=nearest)
        if number % 256 == 0:
            on_chosen(number)
    on_chosen(len(chosen))
    return np.array(chosen, dtype=np.int64)


def _squared(
    points: NDArray[np.float32], squares: NDArray[np.float32], index: int
) -> NDArray[np.float32]:
    """Squared distance of every point to one of them; of that one itself, zero."""
    found: NDArray[np.float32] = squares + squares[index] - 2 * (points @ points[index])
    found[index] = 0
    return found


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
