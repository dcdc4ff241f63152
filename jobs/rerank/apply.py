"""The reranker of a collection at work on an answer of the search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.calls.query import fetch
from db.evaluation import tuning
from encoders.rerank.blend import Blend, reread
from encoders.rerank.rerankers import check_measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from db.evaluation.tuning import Reranker as Setting
    from db.rows import HybridHit
    from encoders.rerank.base import RerankerModel


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
    reranker: RerankerModel,
    query: str,
    hits: Sequence[HybridHit],
) -> list[HybridHit]:
    """The hits in their new order: the first `top_n` as measured, the rest as they were.

    Raises:
        RerankerChanged: this model is another than the one that was measured.
    """
    check_measured(reranker.spec, used.model, used.revision)
    first = hits[: used.top_n]
    if not first:
        return list(hits)
    ids = [hit.external_id for hit in first]
    rows = fetch(conn, tuning.item_texts(collection=collection, external_ids=ids))
    texts = tuning.in_order(rows, ids)
    blend = Blend(used.blend, used.threshold)
    places = reread(reranker, query, texts, [hit.score for hit in first], blend)
    return tuning.moved(hits, places)
