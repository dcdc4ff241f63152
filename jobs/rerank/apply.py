"""The reranker of a collection at work on an answer of the search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from db import tuning
from db.query import fetch
from jobs.errors import JobError
from jobs.rerank.blend import Blend, order

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from db.rows import HybridHit
    from db.tuning import Reranker as Setting
    from encoders.rerank import Reranker


class RerankerChanged(JobError):
    """The reranker of a collection is not the one that was measured."""


def setting(conn: psycopg.Connection[Any], collection: str) -> Setting | None:
    """Which reranker a collection uses, if any.

    Raises:
        UnknownName: no such collection.
    """
    found = fetch(conn, tuning.reranker(collection=collection))
    return found[0] if found else None


def reordered(
    conn: psycopg.Connection[Any],
    collection: str,
    used: Setting,
    reranker: Reranker,
    query: str,
    hits: Sequence[HybridHit],
) -> list[HybridHit]:
    """The hits in their new order: the first `top_n` as measured, the rest as they were.

    Raises:
        RerankerChanged: this model is another than the one that was measured.
    """
    if (reranker.spec.name, reranker.spec.revision) != (used.model, used.revision):
        raise RerankerChanged(
            f"collection {collection} was measured with {used.model} at {used.revision}",
            "measure again with `seogo rerank evaluate`",
        )
    first = list(hits[: used.top_n])
    if not first:
        return list(hits)
    ids = [hit.external_id for hit in first]
    rows = fetch(conn, tuning.item_texts(collection=collection, external_ids=ids))
    texts = {row.external_id: row.text or "" for row in rows}
    read = reranker.score(query, [texts.get(item, "") for item in ids])
    base = np.array([[hit.score for hit in first]])
    places = order(base, read[None].astype(np.float64), Blend(used.blend, used.threshold))[0]
    pairs = zip(places, first, strict=True)
    ranked = [msgspec.structs.replace(first[at], rank=hit.rank) for at, hit in pairs]
    return ranked + list(hits[used.top_n :])
