"""Reranking: the first hits in a new order, by the reranker that the collection uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec
import numpy as np

from db.evaluation import tuning
from db.search import tokens
from db.search.legs import vector_text
from db.search.rows import HybridHit
from encoders.rerank.blend import Blend, order
from encoders.rerank.late import PREFIX
from flows.effects import Encode, Flow, ListSpaces, Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from db.evaluation.tuning import Reranker
    from db.spaces.rows import Space

Hit = TypeVar("Hit", bound=HybridHit)


class ItemScores(NamedTuple):
    """Scores of a reranker, float64 in the order of the items, and what is to be said of them."""

    scores: NDArray[np.float64]
    notes: list[str]


def rerank(
    collection: str, used: Reranker, words: str, hits: Sequence[Hit]
) -> Flow[tuple[list[Hit], list[str]]]:
    """Put the first `top_n` hits into a new order, as measured; the rest stay as they were.

    Args:
        collection: where they were found.
        used: the collection's reranker.
        words: the query.
        hits: from the first on, the best first.

    Returns:
        The hits, and notes of `item_scores`.

    Raises:
        LegUnavailable: the model is unavailable, is another than was measured, or failed.
    """
    (moved,), notes = yield from rerank_each(collection, used, words, [hits])
    return moved, notes


def rerank_each(
    collection: str, used: Reranker, words: str, rankings: Sequence[Sequence[Hit]]
) -> Flow[tuple[list[list[Hit]], list[str]]]:
    """Rerank several rankings of one query as `rerank` does one; each item is read once."""
    ids = list(dict.fromkeys(hit.external_id for hits in rankings for hit in hits[: used.top_n]))
    if not ids:
        return [list(hits) for hits in rankings], []
    read = yield from item_scores(collection, used, words, ids)
    scores = dict(zip(ids, read.scores.tolist(), strict=True))
    return [_ordered(used, hits, scores) for hits in rankings], read.notes


def _ordered(used: Reranker, hits: Sequence[Hit], scores: Mapping[str, float]) -> list[Hit]:
    """The hits in the order of the blend of what the search and the reranker gave them."""
    first = hits[: used.top_n]
    if not first:
        return []
    searched = np.array([[hit.score for hit in first]])
    read = np.array([[scores[hit.external_id] for hit in first]])
    places = order(searched, read, Blend(used.blend, used.threshold))[0].tolist()
    moved = [
        msgspec.structs.replace(hits[at], rank=hit.rank)
        for at, hit in zip(places, first, strict=True)
    ]
    return [*moved, *hits[len(places) :]]


def item_scores(
    collection: str, used: Reranker, words: str, ids: Sequence[str]
) -> Flow[ItemScores]:
    """Score items for a query: by their texts, or by stored vectors of their tokens where there are any.

    Args:
        collection: where they are.
        used: the reranker.
        words: the query.
        ids: their external ids.

    Raises:
        LegUnavailable: as `rerank`.
    """
    scores = np.full(len(ids), np.nan)
    space = yield from _space(collection, used)
    if space is not None:
        vec = yield Encode(space, words, None)
        rows = yield tokens.stored_maxsim(
            collection=collection, space=space.pinned, external_ids=ids, query_vec=vector_text(vec)
        )
        known = {row.external_id: row.score for row in rows}
        scores = np.array([known.get(one, np.nan) for one in ids])
    missing = np.flatnonzero(np.isnan(scores))
    if not len(missing):
        return ItemScores(scores, [])
    unread = [ids[at] for at in missing]
    rows = yield tuning.item_texts(collection=collection, external_ids=unread)
    texts = {row.external_id: row.text or "" for row in rows}
    scores[missing] = yield Score(used, words, [texts.get(one, "") for one in unread])
    told = (
        f"{len(missing)} of {len(ids)} hits were encoded anew to be reranked: no vectors of theirs"
    )
    return ItemScores(scores, [f"{told} are in space {space.space}"] if space is not None else [])


def _space(collection: str, used: Reranker) -> Flow[Space | None]:
    """Live space that has the token vectors of a reranker by MaxSim; None where it must encode."""
    if not used.model.startswith(PREFIX):
        return None
    made_by = f"{used.model.removeprefix(PREFIX)}@{used.revision} "
    spaces: Sequence[Space] = yield ListSpaces(collection)
    fitting = [s for s in spaces if s.kind == "multi" and s.identity.startswith(made_by)]
    return min(fitting, key=lambda space: space.space, default=None)
