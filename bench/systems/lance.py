"""LanceDB on disk: full-text index and vector index of one table."""

from __future__ import annotations

import os
import time
from importlib import import_module
from typing import Any, ClassVar

from vectorset import TOP

from systems.base import (
    DEPTH,
    K_RRF,
    NOTHING,
    Ask,
    Corpus,
    Cost,
    Note,
    Query,
    System,
    Tokenizer,
    Way,
    chosen,
    deep,
    folder_size,
)
from systems.postgres import both

# The words as they are: nothing folded, stemmed or left out.
PLAIN = {
    "base_tokenizer": "whitespace",
    "lower_case": False,
    "stem": False,
    "remove_stop_words": False,
    "ascii_folding": False,
}
SETTINGS: dict[str, dict[str, Any]] = {
    "": PLAIN,
    "english": {},
    "icu": PLAIN | {"base_tokenizer": "icu"},
    "ngram": PLAIN | {"base_tokenizer": "ngram", "ngram_min_length": 2, "ngram_max_length": 2},
}


class LanceDb(System):
    """LanceDB: full-text index without positions, IVF_HNSW_SQ with its defaults, and its RRF reranker.

    Its limit is also the depth of both lists: once as deep as everybody's, once as a caller would write it.
    """

    name = "lancedb"
    packages: ClassVar = {"lancedb": "lancedb"}
    own: ClassVar = {
        "en": [Tokenizer(Note("its own English", "자체 영어"), "english")],
        "ko": [
            Tokenizer(Note("icu", "icu"), "icu"),
            Tokenizer(Note("ngram 2", "ngram 2"), "ngram"),
        ],
    }

    def build(self, given: Corpus) -> list[Way]:
        # It warns, at every query, that a column asked for by its reranker was not asked for by us.
        os.environ.setdefault("LANCEDB_LOG", "error")
        library: Any = import_module("lancedb")
        index: Any = import_module("lancedb.index")
        arrow: Any = import_module("pyarrow")
        self.reranker = import_module("lancedb.rerankers").RRFReranker(K=K_RRF)
        folder = self.place.folder / f"lancedb{self.tokenizer.setting}"
        flat = arrow.array(given.vectors.ravel())
        rows = {
            "no": arrow.array(range(len(given.texts))),
            "body": arrow.array(chosen(given, self.tokenizer)),
            "vec": arrow.FixedSizeListArray.from_arrays(flat, given.vectors.shape[1]),
        }
        started = time.perf_counter()
        self.table = library.connect(folder).create_table("bench", arrow.table(rows))
        self.table.create_index("body", config=index.FTS(**SETTINGS[self.tokenizer.setting]))
        self.table.wait_for_index(["body_idx"])
        indexes = folder / "bench.lance" / "_indices"
        words = Cost(time.perf_counter() - started, folder_size(indexes))
        ways = [self.words(self.find, words)]
        if self.given:
            started = time.perf_counter()
            self.table.create_index("vec", config=index.HnswSq(distance_type="cosine"))
            self.table.wait_for_index(["vec_idx"])
            size = folder_size(indexes) - (words.size or 0)
            cost = both(words, Cost(time.perf_counter() - started, size))
            ways.append(self.hybrid(self.fuse(DEPTH), cost, NOTHING))
            ways.append(self.hybrid(self.fuse(TOP), cost, deep(TOP)))
        return ways

    def find(self, query: Query) -> list[int]:
        asked = self.table.search(self.pick(query), query_type="fts", fts_columns="body")
        return list(asked.select(["no", "_score"]).limit(TOP).to_arrow()["no"].to_pylist())

    def fuse(self, depth: int) -> Ask:
        """Hybrid search with both lists to a depth."""

        def ask(query: Query) -> list[int]:
            asked = self.table.search(query_type="hybrid").vector(query.vec).text(query.tokens)
            found = asked.rerank(self.reranker).select(["no"]).limit(depth).to_arrow()
            return list(found["no"][:TOP].to_pylist())

        return ask
