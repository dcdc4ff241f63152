"""What pairs to train with are made from: passages, citations, negatives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.query import Query
from db.search import vector_text
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class PassageRow(msgspec.Struct, frozen=True, kw_only=True):
    """An item with the text that a space embeds of it."""

    item_id: int
    external_id: str
    fields: dict[str, str]
    metadata: dict[str, Any]
    text: str


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """An item whose text cites another one; `cited` is the citation without the law's name."""

    item_id: int
    citation_no: int
    cited: str
    cited_item_id: int


class HardNegative(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.hard_negatives`; ranks are None where a leg did not list the item."""

    item_id: int
    rank: int
    lexical_rank: int | None
    vector_rank: int | None
    similarity: float | None


def passages(*, collection: str, space: str) -> Query[PassageRow]:
    """The items that a space embeds, in the order of their ids."""
    params = {"collection": collection, "space": space}
    return Query(statements("training")["passages"], params, PassageRow)


def all_citations(
    *, collection: str, text_field: str, law_field: str, first_id: int, last_id: int
) -> Query[Citation]:
    """What the items between two ids cite, those included."""
    params = {
        "collection": collection,
        "text_field": text_field,
        "law_field": law_field,
        "first_id": first_id,
        "last_id": last_id,
    }
    return Query(statements("training")["all_citations"], params, Citation)


def hard_negatives(
    *,
    collection: str,
    query: str,
    space: str | None,
    query_vec: NDArray[np.float32] | None,
    positives: Sequence[int],
    n: int = 5,
    depth: int = 50,
    margin: float = 0.05,
) -> Query[HardNegative]:
    """`eval.hard_negatives`; `query_vec` float32 of shape (dim,), None: by words alone."""
    params: dict[str, Any] = {
        "collection": collection,
        "query": query,
        "space": space,
        "query_vec": None if query_vec is None else vector_text(query_vec),
        "positives": list(positives),
        "n": n,
        "depth": depth,
        "margin": margin,
    }
    return Query(
        "SELECT * FROM eval.hard_negatives(%(collection)s, %(query)s, %(space)s,"
        " %(query_vec)s::halfvec, %(positives)s::bigint[], %(n)s, %(depth)s, %(margin)s)",
        params,
        HardNegative,
    )
