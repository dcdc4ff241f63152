"""Matches of a search by meaning: which words of the query met which words of an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.errors import BadRequest
from db.items import items
from db.search import results, tokens
from db.search.legs import vector_text
from db.spaces.embedding import multiranges
from flows.effects import EncodeTokens, ListSpaces
from flows.errors import NoSuchItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.search.tokens import TokenMatch
    from db.spaces.rows import Space
    from encoders.base import TokenVectors
    from flows.effects import Flow


class WordMatch(msgspec.Struct, frozen=True, kw_only=True):
    """Words of the query, and the words of the item that they met.

    `words` None: what the model puts around the words. `matched` None: not known. `similarity` in [-1, 1];
    the contributions add up to the score of the leg.
    """

    words: str | None
    matched: str | None
    similarity: float
    contribution: float


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """Matches in the best passage of an item, by the vectors of a space; empty where it has none there.

    `stale`: the text was changed since it was encoded, so that its words are not known.
    """

    space: str
    item_id: int
    source: str | None
    part_no: int | None
    stale: bool
    score: float | None
    matches: list[WordMatch]


def token_matches(
    collection: str, query: str, item_id: int, space: str | None = None
) -> Flow[Matches]:
    """Match the words of a query with those of an item, in a live space of kind multi.

    Args:
        collection: the item's.
        query: the words.
        item_id: the item.
        space: which space; None: the first by name that there is.

    Raises:
        UnknownName: no such collection.
        NoSuchItem: the item is not in the collection.
        BadRequest: the query has no words, or the collection no such space.
        LegUnavailable: the encoder is unavailable or failed.
    """
    if not query.strip():
        raise BadRequest("the query has no words", "Send those that were searched for.")
    yield items.collection_id(collection=collection)  # that it is there
    if not (yield results.likeable(collection=collection, item_ids=[item_id])):
        raise NoSuchItem(
            f"not in collection {collection}: {item_id}", "Take the item_id of a hit of the search."
        )
    chosen = _space((yield ListSpaces(collection)), space)
    vectors: TokenVectors = yield EncodeTokens(chosen, query)
    rows: list[TokenMatch] = yield tokens.token_matches(
        space=chosen.pinned,
        item_id=item_id,
        query=query,
        query_vec=vector_text(vectors.vectors.reshape(-1)),
        query_spans=multiranges(vectors.spans),
    )
    first = rows[0] if rows else None
    return Matches(
        space=chosen.space,
        item_id=item_id,
        source=first.source if first else None,
        part_no=first.part_no if first else None,
        stale=first.stale if first else False,
        score=sum(row.contribution for row in rows) if rows else None,
        matches=[msgspec.convert(row, WordMatch, from_attributes=True) for row in rows],
    )


def _space(spaces: Sequence[Space], wanted: str | None) -> Space:
    multi = {space.space: space for space in spaces if space.kind == "multi"}
    if wanted is None and multi:
        return multi[min(multi)]
    if wanted is None or wanted not in multi:
        raise BadRequest(
            f"no live space {wanted} of kind multi" if wanted else "no live space of kind multi",
            f"This collection has: {', '.join(sorted(multi)) or 'none'}. `seogo reembed start` feeds one"
            " with an encoder of a vector per token.",
        )
    return multi[wanted]
