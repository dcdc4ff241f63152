"""One typed wrapper per public search function; argument names are the function's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.calls.query import Query
from db.rows import (
    CitedItem,
    Facet,
    Highlight,
    HybridHit,
    IdentifierHit,
    Leg,
    LegReport,
    LexicalHit,
    PhraseHit,
    QueryKind,
    Recall,
    VectorHit,
    VectorState,
)
from db.search.legs import legs_json, vector_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

DEFAULT_LEGS = (Leg(kind="lexical"), Leg(kind="identifier", pool_n=20))


def lexical(
    *,
    collection: str,
    query: str,
    k: int = 10,
    filter: str | None = None,
    max_postings: int | None = None,
) -> Query[LexicalHit]:
    """`search.lexical`."""
    params: dict[str, Any] = {
        "collection": collection,
        "query": query,
        "k": k,
        "filter": filter,
        "max_postings": max_postings,
    }
    return Query(
        "SELECT * FROM search.lexical(%(collection)s, %(query)s, %(k)s, %(filter)s,"
        " %(max_postings)s)",
        params,
        LexicalHit,
        reads=True,
    )


def phrase(
    *, collection: str, query: str, k: int = 10, filter: str | None = None
) -> Query[PhraseHit]:
    """`search.phrase`."""
    return Query(
        "SELECT * FROM search.phrase(%(collection)s, %(query)s, %(k)s, %(filter)s)",
        {"collection": collection, "query": query, "k": k, "filter": filter},
        PhraseHit,
        reads=True,
    )


def facets(
    *,
    collection: str,
    query: str | None,
    field: str,
    filter: str | None = None,
    top_n: int = 50,
) -> Query[Facet]:
    """`search.facets`."""
    params: dict[str, Any] = {
        "collection": collection,
        "query": query,
        "field": field,
        "filter": filter,
        "top_n": top_n,
    }
    return Query(
        "SELECT * FROM search.facets(%(collection)s, %(query)s, %(field)s, %(filter)s, %(top_n)s)",
        params,
        Facet,
        reads=True,
    )


def highlight(
    *,
    collection: str,
    query: str,
    item_id: int,
    word_n: int = 30,
    start_mark: str = "<mark>",
    stop_mark: str = "</mark>",
    html: bool = False,
) -> Query[Highlight]:
    """`search.highlight`."""
    params: dict[str, Any] = {
        "collection": collection,
        "query": query,
        "item_id": item_id,
        "word_n": word_n,
        "start_mark": start_mark,
        "stop_mark": stop_mark,
        "html": html,
    }
    return Query(
        "SELECT * FROM search.highlight(%(collection)s, %(query)s, %(item_id)s, %(word_n)s,"
        " %(start_mark)s, %(stop_mark)s, %(html)s)",
        params,
        Highlight,
        reads=True,
    )


def identifier(
    *, collection: str, query: str, k: int = 10, filter: str | None = None
) -> Query[IdentifierHit]:
    """`search.identifier`."""
    return Query(
        "SELECT * FROM search.identifier(%(collection)s, %(query)s, %(k)s, %(filter)s)",
        {"collection": collection, "query": query, "k": k, "filter": filter},
        IdentifierHit,
        reads=True,
    )


def citations(*, collection: str, body: str, law: str | None = None) -> Query[CitedItem]:
    """`search.citations`."""
    return Query(
        "SELECT * FROM search.citations(%(collection)s, %(body)s, %(law)s)",
        {"collection": collection, "body": body, "law": law},
        CitedItem,
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
        "SELECT * FROM search.semantic(%(space)s, %(query_vec)s, %(k)s, %(filter)s,"
        " %(collection)s, %(only_source)s)",
        params,
        VectorHit,
        reads=True,
    )


def like_items(
    *,
    positive_ids: Sequence[int],
    negative_ids: Sequence[int] = (),
    space: str = "text",
    k: int = 10,
    filter: str | None = None,
    collection: str | None = None,
    only_source: str | None = None,
) -> Query[VectorHit]:
    """`search.like_items`."""
    params: dict[str, Any] = {
        "positive_ids": list(positive_ids),
        "negative_ids": list(negative_ids),
        "space": space,
        "k": k,
        "filter": filter,
        "collection": collection,
        "only_source": only_source,
    }
    return Query(
        "SELECT * FROM search.like_items(%(positive_ids)s, %(negative_ids)s, %(space)s, %(k)s,"
        " %(filter)s, %(collection)s, %(only_source)s)",
        params,
        VectorHit,
        reads=True,
    )


def request_vector(*, query: str, space: str = "text") -> Query[VectorState]:
    """`search.request_vector`."""
    return Query(
        "SELECT search.request_vector(%(query)s, %(space)s) AS state",
        {"query": query, "space": space},
        VectorState,
    )


def measure_recall(*, space: str, sample_n: int = 100, k: int = 10) -> Query[Recall]:
    """`search.measure_recall`."""
    return Query(
        "SELECT * FROM search.measure_recall(%(space)s, %(sample_n)s, %(k)s)",
        {"space": space, "sample_n": sample_n, "k": k},
        Recall,
    )


def query_kind(*, query: str | None) -> Query[QueryKind]:
    """`search.query_kind`."""
    return Query("SELECT search.query_kind(%(query)s) AS kind", {"query": query}, QueryKind)


def explain_hybrid(
    *,
    collection: str,
    query: str | None = None,
    legs: Sequence[Leg] | None = None,
    filter: str | None = None,
    profile: str | None = None,
) -> Query[LegReport]:
    """`search.explain_hybrid`."""
    params: dict[str, Any] = {
        "collection": collection,
        "query": query,
        "legs": legs_json(legs),
        "filter": filter,
        "profile": profile,
    }
    return Query(
        "SELECT * FROM search.explain_hybrid(%(collection)s, %(query)s,"
        " impl.legs_from_json(%(legs)s), %(filter)s, %(profile)s)",
        params,
        LegReport,
        reads=True,
    )


def hybrid(
    *,
    collection: str,
    query: str | None = None,
    legs: Sequence[Leg] | None = None,
    k: int = 10,
    filter: str | None = None,
    profile: str | None = None,
    skip: int = 0,
    method: str | None = None,
    normalization: str | None = None,
    k_rrf: int | None = None,
) -> Query[HybridHit]:
    """`search.hybrid`, joined to the items it found; legs None is the function's default."""
    params: dict[str, Any] = {
        "collection": collection,
        "query": query,
        "legs": legs_json(legs),
        "k": k,
        "filter": filter,
        "profile": profile,
        "skip": skip,
        "method": method,
        "normalization": normalization,
        "k_rrf": k_rrf,
    }
    return Query(
        "SELECT h.*, i.external_id, i.fields, i.metadata"
        " FROM search.hybrid(%(collection)s, %(query)s, impl.legs_from_json(%(legs)s), %(k)s,"
        " %(filter)s, %(profile)s, %(skip)s, %(method)s, %(normalization)s, %(k_rrf)s) AS h"
        " JOIN search.items AS i USING (item_id) ORDER BY h.rank",
        params,
        HybridHit.from_row,
        reads=True,
    )
