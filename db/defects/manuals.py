"""Wrappers of the searches of the defects domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.calls.query import Query
from db.defects.rows import ManualHit, Similar
from db.search.legs import legs_json, vector_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from db.rows import Leg


def similar_defects(
    *,
    product: str | None,
    query_vec: NDArray[np.float32],
    k: int = 5,
    normals: bool = False,
    space: str = "image",
) -> Query[Similar]:
    """`search.similar_defects`; `query_vec` float32 of shape (dim,)."""
    return Query(
        "SELECT * FROM search.similar_defects(%(product)s, %(vec)s, %(k)s, %(normals)s, %(space)s)",
        {
            "product": product,
            "vec": vector_text(query_vec),
            "k": k,
            "normals": normals,
            "space": space,
        },
        Similar,
    )


def manual(
    *,
    product: str,
    defect: str | None = None,
    query: str | None = None,
    k: int = 5,
    kind: str | None = None,
    collection: str | None = None,
    legs: Sequence[Leg] | None = None,
) -> Query[ManualHit]:
    """`search.manual`; collection None is where the product's manuals are, legs None the default."""
    params: dict[str, Any] = {
        "product": product,
        "defect": defect,
        "query": query,
        "k": k,
        "kind": kind,
        "collection": collection,
        "legs": legs_json(legs),
    }
    return Query(
        "SELECT * FROM search.manual(%(product)s, %(defect)s, %(query)s, %(k)s, %(kind)s,"
        " %(collection)s, impl.legs_from_json(%(legs)s))",
        params,
        ManualHit,
    )
