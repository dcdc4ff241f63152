"""Vectors of queries in the form that PostgreSQL reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def vector_text(vec: NDArray[np.float32]) -> str:
    """Format a vector of shape (dim,) as pgvector's text, which JSON is too; NaN is refused in either."""
    return msgspec.json.encode(vec.tolist()).decode()
