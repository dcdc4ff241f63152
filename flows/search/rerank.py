"""Reranking: the first hits in a new order, by the reranker that the collection uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec
import numpy as np

from db.evaluation import tuning
from db.search.rows import HybridHit
from encoders.rerank.blend import Blend, order
from flows.effects import Flow, Score

if TYPE_CHECKING:
    from db.evaluation.tuning import Reranker

Hit = TypeVar("Hit", bound=HybridHit)


def rerank(collection: str, used: Reranker, words: str, hits: Sequence[Hit]) -> Flow[list[Hit]]:
    """Put the first `top_n` hits into a new order, as measured; the rest stay as they were.

    Args:
        collection: where they were found.
        used: the collection's reranker.
        words: the query.
        hits: from the first on, the best first.

    Raises:
        LegUnavailable: the model is unavailable, is another than was measured, or failed.
    """
    first = hits[: used.top_n]
    if not first:
        return list(hits)
    ids = [hit.external_id for hit in first]
    rows = yield tuning.item_texts(collection=collection, external_ids=ids)
    texts = {row.external_id: row.text or "" for row in rows}
    scores = yield Score(used, words, [texts.get(item, "") for item in ids])
    searched = np.array([[hit.score for hit in first]])
    places = order(searched, scores[None], Blend(used.blend, used.threshold))[0].tolist()
    moved = [
        msgspec.structs.replace(hits[at], rank=hit.rank)
        for at, hit in zip(places, first, strict=True)
    ]
    return [*moved, *hits[len(places) :]]
