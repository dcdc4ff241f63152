"""Proposals of synonyms: words alike by themselves and by what is said with them, and reworded queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from db.calls.query import fetch
from db.search import proposals
from db.spaces import embedding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.search.proposals import KindredWords
    from encoders.base import TextEncoder
    from flows.encoding import Encoders
    from jobs.types import Conn, Floats

# Products of two cosines, of the items that have the words and of the words. On SciFact, of 20 pairs above it
# half were one word in two spellings or two names of one thing, below it hardly one.
LEAST = 0.4
PAIRS = 4000
BATCH = 64


def propose(conn: Conn, collection: str, encoders: Encoders, most: int = 50) -> int:
    """Propose synonyms of a collection; returns how many are new.

    Raises:
        UnknownName: there is no such collection.
        EncoderError: the model of its text space cannot be loaded.
    """
    live = fetch(conn, embedding.live_spaces(collection=collection))
    # Words are compared by one vector each: spaces of token vectors have none.
    spaces = [s for s in live if s.modality == "text" and s.kind == "single"]
    near: list[dict[str, Any]] = []
    if spaces and (pairs := fetch(conn, proposals.kindred_words(collection=collection, k=PAIRS))):
        near = alike(cast("TextEncoder", encoders.of(spaces[0])), pairs)[:most]
    return fetch(conn, proposals.propose(collection=collection, near=near))[0].n


def alike(encoder: TextEncoder, pairs: Sequence[KindredWords]) -> list[dict[str, Any]]:
    """Pairs whose words are alike by themselves as well, best first; one is the nearest of the other."""
    words = sorted({word for pair in pairs for word in pair.words})
    at = {word: place for place, word in enumerate(words)}
    cosines = _cosines(encoder, words)
    nearest = cosines.max(axis=1)
    found = []
    for pair in pairs:
        one, other = (at[word] for word in pair.words)
        cosine = float(cosines[one, other])
        score = cosine * pair.score
        if score >= LEAST and cosine >= min(nearest[one], nearest[other]):
            evidence = {"items": pair.items, "both": pair.both_n, "contexts": round(pair.score, 3)}
            told = {"words": pair.words, "score": round(score, 4)}
            found.append(told | {"evidence": evidence | {"words": round(cosine, 3)}})
    return sorted(found, key=lambda pair: (-cast("float", pair["score"]), pair["words"]))


def _cosines(encoder: TextEncoder, words: Sequence[str]) -> Floats:
    """Cosines of words less the mean of all, -1 with themselves; (W, W)."""
    parts = [encoder.encode_passages(words[a : a + BATCH]) for a in range(0, len(words), BATCH)]
    vectors = np.concatenate(parts).astype(np.float64)
    vectors -= vectors.mean(axis=0)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    cosines: Floats = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    return cosines
