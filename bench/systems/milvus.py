"""Milvus Lite on disk: BM25 function, HNSW, RRF ranker; analyzer `standard`."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any, ClassVar

from scratchdb import batches
from vectorset import TOP

from systems.base import DEPTH, K_RRF, Corpus, Cost, Note, Query, System, Way, folder_size
from systems.postgres import EF_CONSTRUCTION, M


class MilvusLite(System):
    """Milvus Lite; its size is that of all it writes, texts and vectors included."""

    name = "milvus-lite"
    packages: ClassVar = {"milvus_lite": "milvus-lite", "pymilvus": "pymilvus"}

    def build(self, given: Corpus) -> list[Way]:
        started = time.perf_counter()
        self.library: Any = import_module("pymilvus")
        file = self.place.folder / "milvus" / "milvus.db"
        file.parent.mkdir()
        self.client = self.library.MilvusClient(str(file))
        schema, indexes = self.schema(given.vectors.shape[1]), self.client.prepare_index_params()
        hnsw = {"M": M, "efConstruction": EF_CONSTRUCTION}
        indexes.add_index("vec", index_type="HNSW", metric_type="COSINE", params=hnsw)
        bm25 = {"bm25_k1": 1.2, "bm25_b": 0.75}
        inverted = "SPARSE_INVERTED_INDEX"
        indexes.add_index("words", index_type=inverted, metric_type="BM25", params=bm25)
        self.client.create_collection("bench", schema=schema, index_params=indexes)
        for start, stop in batches(len(given.tokens)):
            rows = [
                {"no": no, "body": given.tokens[no], "vec": given.vectors[no].tolist()}
                for no in range(start, stop + 1)
            ]
            self.client.insert("bench", rows)
        self.client.flush("bench")
        self.client.load_collection("bench")
        took = time.perf_counter() - started
        note = Note("size with texts", "크기는 글 포함")
        return [self.hybrid(self.fuse, Cost(took, folder_size(file.parent)), note)]

    def schema(self, dim: int) -> Any:
        kind, schema = self.library.DataType, self.library.MilvusClient.create_schema()
        schema.add_field("no", kind.INT64, is_primary=True)
        schema.add_field("body", kind.VARCHAR, max_length=65_535, enable_analyzer=True)
        schema.add_field("vec", kind.FLOAT_VECTOR, dim=dim)
        schema.add_field("words", kind.SPARSE_FLOAT_VECTOR)
        function = self.library.Function(
            name="bm25",
            input_field_names=["body"],
            output_field_names=["words"],
            function_type=self.library.FunctionType.BM25,
        )
        schema.add_function(function)
        return schema

    def fuse(self, query: Query) -> list[int]:
        near = {"metric_type": "COSINE", "params": {"ef": DEPTH}}
        request = self.library.AnnSearchRequest
        requests = [
            request([query.vec.tolist()], "vec", near, limit=DEPTH),
            request([query.tokens], "words", {"metric_type": "BM25"}, limit=DEPTH),
        ]
        ranker = self.library.RRFRanker(K_RRF)
        found = self.client.hybrid_search(
            "bench", requests, ranker=ranker, limit=TOP, output_fields=["no"]
        )
        return [hit["no"] for hit in found[0]]
