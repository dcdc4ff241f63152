"""One typed wrapper per public search function; argument names are the function's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from psycopg.types.json import Jsonb

from db.query import Query
from db.rows import HybridHit, IdentifierHit, Leg, LexicalHit, VectorHit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

DEFAULT_LEGS = (Leg(kind="lexical"), Leg(kind="identifier", pool_n=20))


def vector_text(vec: NDArray[np.float32]) -> str:
    """A vector of shape (dim,) in pgvector's text form."""
    return "[" + ",".join(map(repr, vec.tolist())) + "]"


def lexical(
    *, collection: str, query: str, k: int = 10, filter: str | None = None
) -> Query[LexicalHit]:
    """`search.lexical`."""
    return Query(
        "SELECT * FROM search.lexical(%(collection)s, %(query)s, %(k)s, %(filter)s)",
        {"collection": collection, "query": query, "k": k, "filter": filter},
        LexicalHit,
    )


def identifier(
    *, collection: str, query: str, k: int = 10, filter: str | None = None
) -> Query[IdentifierHit]:
    """`search.identifier`."""
    return Query(
        "SELECT * FROM search.identifier(%(collection)s, %(query)s, %(k)s, %(filter)s)",
        {"collection": collection, "query": query, "k": k, "filter": filter},
        IdentifierHit,
    )


def semantic(
    *,
    space: str,
    query_vec: NDArray[np.float32],
    k: int = 10,
    filter: str | None = None,
    collection: str | None = None,
    only_source: str | None = None,
) -> Query[VectorHit]:
    """`search.semantic`; `query_vec` float32 of shape (dim,)."""
    params: dict[str, Any] = {
        "space": space,
        "query_vec": vector_text(query_vec),
        "k": k,
        "filter": filter,
        "collection": collection,
        "only_source": only_source,
    }
    return Query(
        "SELECT * FROM search.semantic(%(space)s, %(query_vec)s::halfvec, %(k)s, %(filter)s,"
        " %(collection)s, %(only_source)s)",
        params,
        VectorHit,
    )


def hybrid(
    *,
    collection: str,
    query: str | None = None,
    legs: Sequence[Leg] = DEFAULT_LEGS,
    k: int = 10,
    filter: str | None = None,
    k_rrf: int = 60,
) -> Query[HybridHit]:
    """`search.hybrid`, joined to the items it found."""
    params: dict[str, Any] = {
        "collection": collection,
        "query": query,
        "legs": Jsonb(msgspec.to_builtins(legs)),
        "k": k,
        "filter": filter,
        "k_rrf": k_rrf,
    }
    return Query(
        "SELECT h.*, i.external_id, i.fields, i.metadata"
        " FROM search.hybrid(%(collection)s, %(query)s, impl.legs_from_json(%(legs)s), %(k)s,"
        " %(filter)s, %(k_rrf)s) AS h JOIN search.items AS i USING (item_id) ORDER BY h.rank",
        params,
        HybridHit.from_row,
    )
