"""Types that jobs share: their connection, the callbacks they report progress to, arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg

if TYPE_CHECKING:  # for annotations alone: numpy takes long to import
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    # Places in an array.
    Rows: TypeAlias = NDArray[np.intp]

# Autocommit, with pgvector's types registered, unless a function says otherwise.
Conn: TypeAlias = psycopg.Connection[Any]
# A line of text before slow work.
OnText: TypeAlias = Callable[[str], None]
# How many are done.
OnCount: TypeAlias = Callable[[int], None]
# How many are done, of how many.
OnShare: TypeAlias = Callable[[int, int], None]
# What is going on, how many are done, of how many (0: unknown).
OnStep: TypeAlias = Callable[[str, int, int], None]


def silent(*_progress: object) -> None:
    """Ignore progress."""
