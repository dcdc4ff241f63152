"""Judgments by TF-IDF similarity: cheap, and biased towards lexical systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from db.calls.query import fetch
from db.evaluation import ground_truth, query_sets
from db.evaluation.rows import Judgment
from encoders.runtime.optional import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobs.types import Conn

JUDGE = "tf-idf cosine"
EXTRA = "tune"


def judgments(
    conn: Conn,
    collection: str,
    query_set: str,
    k: int = 5,
    item_fields: Sequence[str] | None = None,
) -> list[Judgment]:
    """The k most similar items of each query by TF-IDF cosine, ties by item; never itself.

    Grades fall from 3 to 1 with the rank, a third of the k each. Items that share no word with the
    query are none of them. A query without a text has the words of the item that it is.

    Raises:
        UnknownName: no such collection or query set.
        EncoderNotInstalled: scikit-learn is absent.
    """
    items = fetch(conn, ground_truth.tokens(collection=collection, item_fields=item_fields))
    words = {row.external_id: row.tokens for row in items}
    texts = fetch(conn, ground_truth.query_tokens(collection=collection, query_set=query_set))
    asked = {row.external_id: row.tokens for row in texts}
    queries = fetch(conn, query_sets.queries(query_set=query_set))
    given = [asked.get(q.external_id) or words.get(q.item or "", []) for q in queries]
    if not any(words.values()):
        return []
    text = require("sklearn.feature_extraction.text", EXTRA)
    vectorizer = text.TfidfVectorizer(analyzer=_as_they_are).fit(list(words.values()))
    matrix = vectorizer.transform(list(words.values()))
    ids = list(words)
    found = []
    for query, tokens in zip(queries, given, strict=True):
        similar = np.asarray((matrix @ vectorizer.transform([tokens]).T).todense()).ravel()
        order = [at for at in np.argsort(-similar, kind="stable") if ids[at] != query.item]
        for rank, at in enumerate(order[:k]):
            if similar[at] > 0:
                found.append(Judgment(query.external_id, ids[at], 3 - 3 * rank // k))
    return found


def _as_they_are(tokens: list[str]) -> list[str]:
    return tokens
