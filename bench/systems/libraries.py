"""Libraries that search by words alone: rank_bm25, bm25s, tantivy."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
from exact import K1, B
from numpy.typing import NDArray
from vectorset import TOP

from systems.base import Corpus, Cost, Query, System, Way, folder_size


def highest(scores: NDArray[Any]) -> list[int]:
    """Numbers of the highest scores, best first."""
    top = np.argpartition(scores, -TOP)[-TOP:] if len(scores) > TOP else np.arange(len(scores))
    return [int(doc) for doc in top[np.argsort(-scores[top], kind="stable")]]


class RankBm25(System):
    """rank_bm25's BM25Okapi with Lucene's idf in place of its own; tokens by str.split."""

    name = "rank_bm25"
    packages: ClassVar = {"rank_bm25": "rank-bm25"}
    docs_limit = 200_000

    def build(self, given: Corpus) -> list[Way]:
        library: Any = import_module("rank_bm25")

        def idf(index: Any, df: dict[str, int]) -> None:
            n = index.corpus_size
            index.idf = {w: float(np.log(1 + (n - d + 0.5) / (d + 0.5))) for w, d in df.items()}

        kind = type("LuceneBm25", (library.BM25Okapi,), {"_calc_idf": idf})
        started = time.perf_counter()
        index = kind([text.split() for text in given.tokens], k1=K1, b=B)
        cost = Cost(time.perf_counter() - started, None)
        ask = lambda query: highest(index.get_scores(query.tokens.split()))  # noqa: E731
        return [self.words(ask, cost)]


class Bm25s(System):
    """bm25s, method `lucene`: the scores of all postings computed ahead, in memory; tokens by str.split."""

    name = "bm25s"
    packages: ClassVar = {"bm25s": "bm25s"}

    def build(self, given: Corpus) -> list[Way]:
        library: Any = import_module("bm25s")
        started = time.perf_counter()
        self.index = library.BM25(method="lucene", k1=K1, b=B)
        self.index.index([text.split() for text in given.tokens], show_progress=False)
        took = time.perf_counter() - started
        arrays = (array for array in self.index.scores.values() if hasattr(array, "nbytes"))
        return [self.words(self.ask, Cost(took, sum(array.nbytes for array in arrays)))]

    def ask(self, query: Query) -> list[int]:
        found = self.index.retrieve(
            [query.tokens.split()], k=TOP, show_progress=False, return_as="documents"
        )
        return [int(doc) for doc in found[0]]


class Tantivy(System):
    """tantivy on disk, one writer thread, no positions; tokenizer `whitespace`.

    It keeps a document's length in one byte, so its scores are near the exact ones, not equal.
    """

    name = "tantivy"
    packages: ClassVar = {"tantivy": "tantivy"}

    def build(self, given: Corpus) -> list[Way]:
        library: Any = import_module("tantivy")
        self.library = library
        folder = self.place.folder / "tantivy"
        folder.mkdir()
        started = time.perf_counter()
        schema = library.SchemaBuilder()
        schema.add_unsigned_field("no", stored=True)
        schema.add_text_field("body", tokenizer_name="whitespace", index_option="freq")
        self.index = library.Index(schema.build(), path=str(folder))
        writer = self.index.writer(heap_size=256_000_000, num_threads=1)
        for no, text in enumerate(given.tokens):
            writer.add_document(library.Document(no=no, body=text))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()
        took = time.perf_counter() - started
        return [self.words(self.ask, Cost(took, folder_size(folder)))]

    def ask(self, query: Query) -> list[int]:
        # Its parser would take a token that a question has twice only once.
        term, should = self.library.Query.term_query, self.library.Occur.Should
        parts = [(should, term(self.index.schema, "body", word)) for word in query.tokens.split()]
        parsed = self.library.Query.boolean_query(parts)
        hits = self.searcher.search(parsed, TOP, count=False).hits
        return [self.searcher.doc(address)["no"][0] for _, address in hits]
