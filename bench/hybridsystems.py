"""The systems that bench/hybrid.py compares: words and vectors, 100 deep, fused by reciprocal ranks (k 60).

All are given the same tokens (bench/systems.py) and the same vectors, rounded to 16 bits a number. Document
numbers are places in the list of texts.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import psycopg
from pgvector import HalfVector
from systems import LANCEDB_WORDS, Ours, TsRank, batches, stage
from vectordb import Space, item_ids, make_space
from vectorset import TOP, Floats

DEPTH = 100
K_RRF = 60
M, EF_CONSTRUCTION = 16, 128


class Corpus(NamedTuple):
    """Texts, and for each a vector (a row, unit length)."""

    texts: list[str]
    vectors: Floats


class HybridQuery(NamedTuple):
    text: str
    vec: Floats


Search = Callable[[HybridQuery], Sequence[int]]


class Database(NamedTuple):
    """Our collection and space, which the systems inside PostgreSQL share, and numbers of item ids."""

    conn: psycopg.Connection[Any]
    space: Space
    numbers: dict[int, int]


def fill(conn: psycopg.Connection[Any], folder: Path, given: Corpus) -> Database:
    """Load texts through the triggers, merge the index as the maintenance job does, add the vectors."""
    stage(conn, given.texts)
    lexical = Ours(conn, folder)
    lexical.build(given.texts)
    lexical.merge()
    lexical.vacuum()
    ids = item_ids(conn, "bench")
    space = make_space(conn, ids, given.vectors, "cosine", "none")
    return Database(conn, space, {item: at for at, item in enumerate(ids.tolist())})


def fused(rankings: Iterable[Sequence[int]]) -> dict[int, float]:
    """The score of every document in any of the rankings: sum of 1 / (k + rank)."""
    scores: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, doc in enumerate(ranking, 1):
            scores[doc] += 1 / (K_RRF + rank)
    return scores


def best(scores: dict[int, float]) -> list[int]:
    return sorted(scores, key=lambda doc: (-scores[doc], doc))[:TOP]


class System:
    """A way to search by words and vector at once."""

    name: ClassVar[str]
    packages: ClassVar[dict[str, str]] = {}  # module: what pip calls it

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder

    @classmethod
    def missing(cls) -> list[str]:
        return [pip for module, pip in cls.packages.items() if find_spec(module) is None]

    def build(self, given: Corpus) -> None:
        raise NotImplementedError

    def searches(self) -> dict[str, Search]:
        """The ways to ask it, by the name they have in the table."""
        raise NotImplementedError


class Hybrid(System):
    """search.hybrid: one statement, exact BM25 and HNSW, fused in the database."""

    name = "seogo"

    def build(self, given: Corpus) -> None:
        """`fill` has."""

    def ask(self, query: HybridQuery, depth: int) -> list[int]:
        rows = self.database.conn.execute(
            "SELECT item_id FROM search.hybrid('bench', %s, ARRAY[search.lexical_leg(pool_n => %s),"
            " search.vector_leg(%s, %s, pool_n => %s)], %s)",
            (query.text, depth, self.database.space.name, HalfVector(query.vec), depth, TOP),
        ).fetchall()
        return [self.database.numbers[row[0]] for row in rows]

    def searches(self) -> dict[str, Search]:
        return {
            self.name: lambda query: self.ask(query, DEPTH),
            f"{self.name}, limit 30": lambda query: self.ask(query, 30),
            f"{self.name}, limit {TOP}": lambda query: self.ask(query, TOP),
        }


class TwoQueries(System):
    """The usual way in PostgreSQL: ts_rank_cd and pgvector, a query each, fused in Python.

    ts_rank_cd is not BM25, so half of its answer is another one. The vectors and their index are ours.
    """

    name = "ts_rank_cd + pgvector"

    def build(self, given: Corpus) -> None:
        TsRank(self.database.conn, self.folder).build(given.texts)
        # Without it the index gives 40 rows at most. Our functions set their own.
        self.database.conn.execute(f"SET hnsw.ef_search = {DEPTH}".encode())

    def words(self, query: HybridQuery) -> list[int]:
        rows = self.database.conn.execute(
            "SELECT no FROM public.bench_ts, to_tsquery('simple', %s) AS q"
            " WHERE words @@ q ORDER BY ts_rank_cd(words, q) DESC, no LIMIT %s",
            (" | ".join(query.text.split()), DEPTH),
        ).fetchall()
        return [row[0] for row in rows]

    def vectors(self, query: HybridQuery) -> list[int]:
        space = self.database.space
        rows = self.database.conn.execute(
            f"SELECT item_id FROM core.embedding_{space.id}"
            f" ORDER BY vec::halfvec({space.dim}) <=> %s::halfvec({space.dim}) LIMIT %s".encode(),
            (HalfVector(query.vec), DEPTH),
        ).fetchall()
        return [self.database.numbers[row[0]] for row in rows]

    def ask(self, query: HybridQuery) -> list[int]:
        return best(fused((self.words(query), self.vectors(query))))

    def searches(self) -> dict[str, Search]:
        return {self.name: self.ask}


class LanceDb(System):
    """LanceDB on disk: full-text index, IVF_HNSW_SQ with its defaults, and its RRF reranker.

    Its limit is also the depth of both lists: once as deep as everybody's, once as a caller would write it.
    """

    name = "lancedb"
    packages: ClassVar[dict[str, str]] = {"lancedb": "lancedb"}

    def build(self, given: Corpus) -> None:
        # It warns, at every query, that a column asked for by its reranker was not asked for by us.
        os.environ.setdefault("LANCEDB_LOG", "error")
        library: Any = import_module("lancedb")
        arrow: Any = import_module("pyarrow")
        self.reranker = import_module("lancedb.rerankers").RRFReranker(K=K_RRF)
        flat = arrow.array(given.vectors.ravel())
        rows = {
            "no": arrow.array(range(len(given.texts))),
            "body": arrow.array(given.texts),
            "vec": arrow.FixedSizeListArray.from_arrays(flat, given.vectors.shape[1]),
        }
        database = library.connect(self.folder / "lancedb")
        self.table = database.create_table("bench", arrow.table(rows))
        self.table.create_fts_index("body", **LANCEDB_WORDS)
        self.table.create_index(metric="cosine", vector_column_name="vec", index_type="IVF_HNSW_SQ")
        self.table.wait_for_index(["body_idx", "vec_idx"])

    def ask(self, query: HybridQuery, depth: int) -> list[int]:
        asked = self.table.search(query_type="hybrid").vector(query.vec).text(query.text)
        found = asked.rerank(self.reranker).select(["no"]).limit(depth).to_arrow()
        return list(found["no"][:TOP].to_pylist())

    def searches(self) -> dict[str, Search]:
        return {
            self.name: lambda query: self.ask(query, DEPTH),
            f"lancedb, limit {TOP}": lambda query: self.ask(query, TOP),
        }


class MilvusLite(System):
    """Milvus Lite on disk: BM25 function, HNSW, RRF ranker; analyzer `standard`."""

    name = "milvus-lite"
    packages: ClassVar[dict[str, str]] = {"pymilvus": "pymilvus", "milvus_lite": "milvus-lite"}

    def build(self, given: Corpus) -> None:
        self.library: Any = import_module("pymilvus")
        self.client = self.library.MilvusClient(str(self.folder / "milvus.db"))
        schema, indexes = self.schema(given.vectors.shape[1]), self.client.prepare_index_params()
        hnsw = {"M": M, "efConstruction": EF_CONSTRUCTION}
        indexes.add_index("vec", index_type="HNSW", metric_type="COSINE", params=hnsw)
        bm25 = {"bm25_k1": 1.2, "bm25_b": 0.75}
        inverted = "SPARSE_INVERTED_INDEX"
        indexes.add_index("words", index_type=inverted, metric_type="BM25", params=bm25)
        self.client.create_collection("bench", schema=schema, index_params=indexes)
        for start, stop in batches(len(given.texts)):
            rows = [
                {"no": no, "body": given.texts[no], "vec": given.vectors[no].tolist()}
                for no in range(start, stop + 1)
            ]
            self.client.insert("bench", rows)
        self.client.flush("bench")
        self.client.load_collection("bench")

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

    def ask(self, query: HybridQuery) -> list[int]:
        near = {"metric_type": "COSINE", "params": {"ef": DEPTH}}
        request = self.library.AnnSearchRequest
        requests = [
            request([query.vec.tolist()], "vec", near, limit=DEPTH),
            request([query.text], "words", {"metric_type": "BM25"}, limit=DEPTH),
        ]
        ranker = self.library.RRFRanker(K_RRF)
        found = self.client.hybrid_search(
            "bench", requests, ranker=ranker, limit=TOP, output_fields=["no"]
        )
        return [hit["no"] for hit in found[0]]

    def searches(self) -> dict[str, Search]:
        return {self.name: self.ask}


SYSTEMS: list[type[System]] = [Hybrid, TwoQueries, LanceDb, MilvusLite]
