"""BM25F in memory: the lists of a collection under other settings.

The formula of `impl.bm25_scores` over the same tokens (`search.analyze`): a test holds the scores to those
of the database. So settings can be tried that would each need an index of their own.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from db.calls.query import fetch
from db.evaluation import index_contents
from encoders.runtime.optional import require
from jobs.tuning.lists import NotTunable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from db.evaluation.index_contents import FieldTerms, Words
    from db.evaluation.rows import EvaluationRun
    from db.evaluation.tuning import Bm25
    from jobs.types import Conn, Floats


EXTRA = "tune"
BATCH = 1000
# Queries scored at once: with every item of a collection that is a matrix of doubles.
CELLS = 20_000_000
MOST_ITEMS = 200_000


class Top(NamedTuple):
    """The best items of a query: ids and scores, best first."""

    ids: NDArray[np.int64]
    scores: Floats


class Field(NamedTuple):
    """A field of all N items: its tokens in total (N,), and of V words how often each is there, (N, V)."""

    lengths: Floats
    counts: Any


class Texts(NamedTuple):
    """The texts of a collection and the words of its queries.

    Attributes:
        ids: item ids, ascending; N.
        external_ids: by item id.
        fields: by name.
        queries: external ids, Q.
        own: the id of the item that a query is, of those that are one.
        words: how often each query says each word, (Q, V), by the field of its own item that says it;
            None: its text.
    """

    ids: NDArray[np.int64]
    external_ids: dict[int, str]
    fields: dict[str, Field]
    queries: list[str]
    own: dict[str, int]
    words: dict[str | None, Any]

    def best(self, settings: Bm25, depth: int) -> Iterator[Top]:
        """The best items of each query, its own item among them and one more for it; ties by id."""
        weights = {
            name: settings.field_weights.get(name, 1.0)
            for name in self.fields
            if settings.field_weights.get(name, 1.0) > 0
        }
        terms = self._weighted(weights, settings)
        asked = sum(n for field, n in self.words.items() if field is None or field in weights)
        if isinstance(asked, int):  # every field of the items has weight 0
            asked = self._sparse((len(self.queries), terms.shape[1]))
        step = max(1, CELLS // max(1, len(self.ids)))
        for start in range(0, len(self.queries), step):
            scores = (asked[start : start + step] @ terms.T).toarray()
            for query, row in zip(self.queries[start : start + step], scores, strict=True):
                yield self._first(row, depth + (query in self.own))

    def _weighted(self, weights: dict[str, float], settings: Bm25) -> Any:
        """The idf times the saturated frequency of each word in each item; sparse (N, V)."""
        if not weights:
            return self._sparse((len(self.ids), next(iter(self.fields.values())).counts.shape[1]))
        tf = sum(weight * self.fields[name].counts for name, weight in weights.items()).tocsr()
        lengths = sum(weight * self.fields[name].lengths for name, weight in weights.items())
        n, df = len(self.ids), np.bincount(tf.indices, minlength=tf.shape[1])
        idf = np.log1p((n - df + 0.5) / (df + 0.5))
        average = max(float(np.mean(lengths)), 1e-9)
        norm = settings.k1 * (1 - settings.b + settings.b * np.asarray(lengths) / average)
        of_item = np.repeat(norm, np.diff(tf.indptr))
        tf.data = idf[tf.indices] * tf.data * (settings.k1 + 1) / (tf.data + of_item)
        return tf

    def _first(self, scores: Floats, depth: int) -> Top:
        there = np.flatnonzero(scores > 0)
        if len(there) > depth:
            least = np.partition(scores[there], len(there) - depth)[len(there) - depth]
            there = there[scores[there] >= least]
        order = there[np.argsort(-scores[there], kind="stable")][:depth]
        return Top(self.ids[order], scores[order])

    @staticmethod
    def _sparse(shape: tuple[int, int]) -> Any:
        return require("scipy.sparse", EXTRA).csr_matrix(shape)


def read(conn: Conn, run: EvaluationRun, analyzer: str) -> Texts:
    """Read the texts that a run searched, for the words of its queries.

    Raises:
        NotTunable: the collection has too many items to be held in memory.
        EncoderNotInstalled: scipy is absent.
    """
    asked = fetch(conn, index_contents.words(run_id=run.run_id))
    vocabulary = sorted({token for row in asked for token in row.tokens or ()})
    items: dict[int, str] = {}
    rows: list[FieldTerms] = []
    while found := fetch(
        conn,
        index_contents.field_terms(
            collection=run.collection,
            analyzer=analyzer,
            words=vocabulary,
            after_id=max(items, default=0),
            batch_n=BATCH,
        ),
    ):
        items |= {row.item_id: row.external_id for row in found}
        rows += (row for row in found if row.field is not None)
        if len(items) > MOST_ITEMS:
            raise NotTunable(f"{run.collection} has more than {MOST_ITEMS} items")
    ids = np.array(sorted(items), dtype=np.int64)
    queries = list(dict.fromkeys(row.query for row in asked))
    own = {row.query: row.own_id for row in asked if row.own_id is not None}
    fields, words = _fields(rows, ids, len(vocabulary)), _word_counts(asked, vocabulary)
    return Texts(ids, items, fields, queries, own, words)


def _fields(rows: Sequence[FieldTerms], ids: NDArray[np.int64], width: int) -> dict[str, Field]:
    by_field: dict[str, list[FieldTerms]] = defaultdict(list)
    for row in rows:
        by_field[row.field or ""].append(row)
    sparse = require("scipy.sparse", EXTRA)
    made = {}
    for name, given in by_field.items():
        at = np.searchsorted(ids, [row.item_id for row in given])
        lengths = np.zeros(len(ids))
        lengths[at] = [row.length for row in given]
        items = np.repeat(at, [len(row.terms) for row in given])
        terms = np.array([term for row in given for term in row.terms], dtype=np.int64) - 1
        counts = np.array([n for row in given for n in row.counts], dtype=np.float64)
        matrix = sparse.csr_matrix((counts, (items, terms)), shape=(len(ids), width))
        made[name] = Field(lengths, matrix)
    return made


def _word_counts(rows: Sequence[Words], vocabulary: Sequence[str]) -> dict[str | None, Any]:
    at_word = {word: at for at, word in enumerate(vocabulary)}
    at_query = {query: at for at, query in enumerate(dict.fromkeys(row.query for row in rows))}
    places: dict[str | None, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        places[row.field] += [(at_query[row.query], at_word[token]) for token in row.tokens or ()]
    sparse = require("scipy.sparse", EXTRA)
    return {
        field: sparse.csr_matrix(
            (np.ones(len(pairs)), np.array(pairs, dtype=np.int64).reshape(-1, 2).T),
            shape=(len(at_query), len(vocabulary)),
        )
        for field, pairs in places.items()
    }
