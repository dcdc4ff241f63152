"""Matches of a search by meaning: which words or tokens of the query met which of an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from db.errors import BadRequest
from db.items import items
from db.search import functions, results, tokens
from db.search.legs import vector_text
from db.spaces import weights
from db.spaces.embedding import multiranges
from flows.effects import Encode, EncodeTokens, ListSpaces
from flows.errors import NoSuchItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.search.rows import MetWord
    from db.search.tokens import TokenMatch
    from db.spaces.rows import Space
    from db.spaces.weights import WeightMatch
    from encoders.base import TokenVectors, Vectors
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


class TokenProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A token of the vocabulary that query and item share, as the tokenizer writes it, and its weights.

    The products are the `contribution`s to the score of the leg. `in_words` false: the item's text does not
    have it, the model added it by meaning; None: not known.
    """

    token: str
    query_weight: float
    item_weight: float
    contribution: float
    in_words: bool | None


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """Matches in the best passage of an item, by the vectors of a space; empty where it has none there.

    `matches` in spaces of kind `multi`, `tokens` in those of kind `sparse`. `stale`: the text was changed
    since it was encoded, so that its words are not known.
    """

    space: str
    kind: Literal["multi", "sparse"]
    item_id: int
    source: str | None
    part_no: int | None
    stale: bool
    score: float | None
    matches: list[WordMatch] = []
    tokens: list[TokenProduct] = []


def met_words(collection: str, query: str, item_id: int) -> Flow[list[MetWord]]:
    """Match the words of a query with the words of an item by the lexical index alone; no encoder is asked.

    Raises:
        UnknownName: no such collection.
        NoSuchItem: the item is not in the collection.
    """
    yield from _check_item(collection, item_id)
    rows: list[MetWord] = yield functions.met_words(
        collection=collection, query=query, item_id=item_id
    )
    return rows


def _check_item(collection: str, item_id: int) -> Flow[None]:
    yield items.named_collection(collection=collection)  # that it is there
    if not (yield results.likeable(collection=collection, item_ids=[item_id])):
        raise NoSuchItem(
            f"not in collection {collection}: {item_id}", "Take the item_id of a hit of the search."
        )


def token_matches(
    collection: str, query: str, item_id: int, space: str | None = None
) -> Flow[Matches]:
    """Match the words of a query with those of an item, in a live space of kind multi or sparse.

    Args:
        collection: the item's.
        query: the words.
        item_id: the item.
        space: which space; None: the first by name that there is, of kind multi before sparse.

    Raises:
        UnknownName: no such collection.
        NoSuchItem: the item is not in the collection.
        BadRequest: the query has no words, or the collection no such space.
        LegUnavailable: the encoder is unavailable or failed.
    """
    if not query.strip():
        raise BadRequest("the query has no words", "Send those that were searched for.")
    yield from _check_item(collection, item_id)
    chosen = _space((yield ListSpaces(collection)), space)
    return (yield from (_words if chosen.kind == "multi" else _products)(chosen, query, item_id))


def _words(chosen: Space, query: str, item_id: int) -> Flow[Matches]:
    vectors: TokenVectors = yield EncodeTokens(chosen, query)
    rows: list[TokenMatch] = yield tokens.token_matches(
        space=chosen.pinned,
        item_id=item_id,
        query=query,
        query_vec=vector_text(vectors.vectors.reshape(-1)),
        query_spans=multiranges(vectors.spans),
    )
    found = [msgspec.convert(row, WordMatch, from_attributes=True) for row in rows]
    return _found(chosen, item_id, rows, matches=found)


def _products(chosen: Space, query: str, item_id: int) -> Flow[Matches]:
    vec: Vectors = yield Encode(chosen, query, None)
    rows: list[WeightMatch] = yield weights.weight_matches(
        space=chosen.pinned, item_id=item_id, query=query, query_vec=vector_text(vec)
    )
    found = [msgspec.convert(row, TokenProduct, from_attributes=True) for row in rows]
    return _found(chosen, item_id, rows, tokens=found)


def _found(
    chosen: Space, item_id: int, rows: Sequence[TokenMatch | WeightMatch], **lists: Any
) -> Matches:
    first = rows[0] if rows else None
    return Matches(
        space=chosen.space,
        kind=cast("Any", chosen.kind),
        item_id=item_id,
        source=first.source if first else None,
        part_no=first.part_no if first else None,
        stale=first.stale if first else False,
        score=sum(row.contribution for row in rows) if rows else None,
        **lists,
    )


def _space(spaces: Sequence[Space], wanted: str | None) -> Space:
    fitting = {space.space: space for space in spaces if space.kind != "single"}
    if wanted is None and fitting:
        return min(fitting.values(), key=lambda one: (one.kind != "multi", one.space))
    if wanted is None or wanted not in fitting:
        which = f"no live space {wanted}" if wanted else "no live space"
        raise BadRequest(
            f"{which} of kind multi or sparse",
            f"This collection has: {', '.join(sorted(fitting)) or 'none'}. `seogo reembed start` feeds"
            " one with an encoder of a vector, or a weight, per token.",
        )
    return fitting[wanted]
