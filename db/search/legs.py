"""Legs and vectors of queries, as PostgreSQL takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from db.rows import Leg


def vector_text(vec: NDArray[np.float32]) -> str:
    """A vector of shape (dim,) in pgvector's text form."""
    return "[" + ",".join(map(repr, vec.tolist())) + "]"


def legs_json(legs: Sequence[Leg] | None) -> Jsonb | None:
    """Legs as `impl.legs_from_json` takes them."""
    return None if legs is None else Jsonb(msgspec.to_builtins(legs))
