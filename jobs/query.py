"""A text query made into legs: the words as they are, and their vector in each text space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db import ops, search
from db.query import fetch
from db.rows import HybridHit, Leg
from encoders.errors import EncoderError
from encoders.text import clean
from jobs.embed import EncoderChanged, encoder_of

if TYPE_CHECKING:
    import psycopg

    from encoders.settings import EncoderSettings


def run(
    conn: psycopg.Connection[Any],
    settings: EncoderSettings,
    *,
    collection: str,
    query: str,
    k: int = 10,
    filter: str | None = None,
) -> tuple[list[HybridHit], list[str]]:
    """Hybrid search with every leg the collection has.

    Returns:
        The hits, and why any vector leg was left out (empty when none was).
    """
    query = clean(query)  # an argument that is not UTF-8 has surrogates in it
    legs: list[Leg] = list(search.DEFAULT_LEGS)
    degraded = []
    for space in fetch(conn, ops.live_spaces(collection=collection)):
        try:
            vec = encoder_of(space, settings).encode_queries([query])[0]
        except (EncoderError, EncoderChanged) as exc:
            degraded.append(f"leg {space.space} left out: {exc}")
            continue
        legs.append(Leg(kind="vector", space=space.space, vec=search.vector_text(vec)))
    hits = fetch(
        conn, search.hybrid(collection=collection, query=query, legs=legs, k=k, filter=filter)
    )
    return hits, degraded
