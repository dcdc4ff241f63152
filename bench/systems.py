"""The systems that bench/lexical.py compares: each is built from the same texts and answers the same queries.

A text is lower-case tokens of letters and digits with single spaces between them, and every system is set to
take exactly these tokens (no stemming, no stop words), so that all but `ts_rank_cd` compute the same formula:
BM25 with k1 = 1.2, b = 0.75 and idf = ln(1 + (N - df + 0.5) / (df + 0.5)). A query is an OR of its words.
Document numbers are places in the list of texts.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, NamedTuple

import numpy as np
import psycopg
from exact import K1, B
from numpy.typing import NDArray

TOP = 10
BATCH = 5000

Search = Callable[[str], Sequence[int]]


class Built(NamedTuple):
    """What building took: seconds until rows were in, seconds until all was ready, bytes."""

    ingest_s: float
    total_s: float
    size: int | None


class System:
    """A search engine under test."""

    name: ClassVar[str]
    package: ClassVar[str | None] = None
    query_limit: ClassVar[int | None] = None
    docs_limit: ClassVar[int | None] = None

    def __init__(self, conn: psycopg.Connection[Any], folder: Path) -> None:
        self.conn = conn
        self.folder = folder

    @classmethod
    def missing(cls) -> bool:
        return cls.package is not None and find_spec(cls.package.replace("-", "_")) is None

    def build(self, texts: Sequence[str]) -> Built:
        raise NotImplementedError

    def searches(self) -> dict[str, Search]:
        """The ways to ask it, by the name they have in the table."""
        raise NotImplementedError


def batches(count: int) -> Iterator[tuple[int, int]]:
    """First and last number of each batch."""
    return ((start, min(start + BATCH, count) - 1) for start in range(0, count, BATCH))


def stage(conn: psycopg.Connection[Any], texts: Sequence[str]) -> None:
    """Put the texts into a table, from which both systems inside PostgreSQL take them. Not timed."""
    conn.execute("CREATE UNLOGGED TABLE public.bench_text (no int PRIMARY KEY, body text NOT NULL)")
    with conn.cursor() as cur, cur.copy("COPY public.bench_text FROM STDIN") as copy:
        for row in enumerate(texts):
            copy.write_row(row)
    conn.execute("VACUUM ANALYZE public.bench_text")


def first(conn: psycopg.Connection[Any], query: str, params: Sequence[Any] = ()) -> Any:
    """The first value of the first row."""
    row = conn.execute(query.encode(), params).fetchone()
    assert row is not None
    return row[0]


class Ours(System):
    """search.lexical over core.item; analyzer `simple`, index kept by the triggers during the load.

    Exact; and as seogo-5000 with max_postings 5000: bounded work, approximate.
    """

    name = "seogo"

    def build(self, texts: Sequence[str]) -> Built:
        collection = first(self.conn, "SELECT ops.create_collection('bench', 'simple')")
        started = time.perf_counter()
        for batch in batches(len(texts)):
            self.conn.execute(
                "INSERT INTO core.item (collection_id, external_id, fields)"
                " SELECT %s, no::text, jsonb_build_object('text', body)"
                " FROM public.bench_text WHERE no BETWEEN %s AND %s ORDER BY no",
                (collection, *batch),
            )
        loaded = time.perf_counter()
        self.vacuum()
        ready = time.perf_counter()
        rows = self.conn.execute("SELECT id, external_id::int FROM core.item").fetchall()
        self.numbers = dict(rows)
        return Built(loaded - started, ready - started, self.size())

    def vacuum(self) -> None:
        self.conn.execute("VACUUM ANALYZE core.item, core.lexdoc, core.posting_block, core.segment")

    def size(self) -> int:
        """Bytes of the index: forward rows (with the tsvector for phrases), blocks, statistics."""
        tables = "'{core.lexdoc, core.posting_block, core.segment}'::regclass[]"
        return int(
            first(self.conn, f"SELECT sum(pg_total_relation_size(t)) FROM unnest({tables}) AS t")
        )

    def merge(self) -> list[float]:
        """Merge the whole index; seconds of each step."""
        index = first(self.conn, "SELECT id FROM core.lexical_index")
        steps = []
        looked = 1
        while looked:
            started = time.perf_counter()
            looked = first(self.conn, "SELECT looked FROM impl.merge_postings(%s)", [index])
            steps.append(time.perf_counter() - started)
        started = time.perf_counter()
        self.conn.execute("SELECT impl.merge_segments(%s)", (index,))
        return [*steps, time.perf_counter() - started]

    def ask(self, query: str, max_postings: int | None) -> list[tuple[int, float]]:
        rows = self.conn.execute(
            "SELECT item_id, score FROM search.lexical('bench', %s, %s, NULL, %s::int)",
            (query, TOP, max_postings),
        ).fetchall()
        return [(self.numbers[item], score) for item, score in rows]

    def searches(self) -> dict[str, Search]:
        return {
            "seogo": lambda query: [doc for doc, _ in self.ask(query, None)],
            "seogo-5000": lambda query: [doc for doc, _ in self.ask(query, 5000)],
        }


class TsRank(System):
    """ts_rank_cd over a GIN index, the full-text search PostgreSQL has; configuration `simple`.

    Not BM25: no idf, so its ranking is another one. The index is made after the load, the fastest way.
    """

    name = "ts_rank_cd"

    def build(self, texts: Sequence[str]) -> Built:
        started = time.perf_counter()
        self.conn.execute("CREATE TABLE public.bench_ts (no int PRIMARY KEY, words tsvector)")
        for batch in batches(len(texts)):
            self.conn.execute(
                "INSERT INTO public.bench_ts SELECT no, to_tsvector('simple', body)"
                " FROM public.bench_text WHERE no BETWEEN %s AND %s",
                batch,
            )
        self.conn.execute("CREATE INDEX ON public.bench_ts USING gin (words)")
        self.conn.execute("VACUUM ANALYZE public.bench_ts")
        took = time.perf_counter() - started
        size = first(self.conn, "SELECT pg_total_relation_size('public.bench_ts')")
        return Built(took, took, size)

    def ask(self, query: str) -> list[int]:
        rows = self.conn.execute(
            "SELECT no FROM public.bench_ts, to_tsquery('simple', %s) AS q"
            " WHERE words @@ q ORDER BY ts_rank_cd(words, q) DESC, no LIMIT %s",
            (" | ".join(query.split()), TOP),
        ).fetchall()
        return [row[0] for row in rows]

    def searches(self) -> dict[str, Search]:
        return {self.name: self.ask}


def best(scores: NDArray[Any]) -> list[int]:
    """Numbers of the highest scores, best first."""
    top = np.argpartition(scores, -TOP)[-TOP:] if len(scores) > TOP else np.arange(len(scores))
    return [int(doc) for doc in top[np.argsort(-scores[top], kind="stable")]]


class RankBm25(System):
    """rank_bm25's BM25Okapi with Lucene's idf in place of its own; tokens by str.split."""

    name = "rank_bm25"
    package = "rank-bm25"
    query_limit = 20
    docs_limit = 200_000

    def build(self, texts: Sequence[str]) -> Built:
        library: Any = import_module("rank_bm25")

        def idf(index: Any, df: dict[str, int]) -> None:
            n = index.corpus_size
            index.idf = {w: float(np.log(1 + (n - d + 0.5) / (d + 0.5))) for w, d in df.items()}

        kind = type("LuceneBm25", (library.BM25Okapi,), {"_calc_idf": idf})
        started = time.perf_counter()
        self.index = kind([text.split() for text in texts], k1=K1, b=B)
        took = time.perf_counter() - started
        return Built(took, took, None)

    def searches(self) -> dict[str, Search]:
        return {self.name: lambda query: best(self.index.get_scores(query.split()))}


class Bm25s(System):
    """bm25s, method `lucene`: the scores of all postings computed ahead, in memory; tokens by str.split."""

    name = "bm25s"
    package = "bm25s"

    def build(self, texts: Sequence[str]) -> Built:
        library: Any = import_module("bm25s")
        started = time.perf_counter()
        self.index = library.BM25(method="lucene", k1=K1, b=B)
        self.index.index([text.split() for text in texts], show_progress=False)
        took = time.perf_counter() - started
        size = sum(array.nbytes for array in self.index.scores.values() if hasattr(array, "nbytes"))
        return Built(took, took, size)

    def ask(self, query: str) -> list[int]:
        found = self.index.retrieve(
            [query.split()], k=TOP, show_progress=False, return_as="documents"
        )
        return [int(doc) for doc in found[0]]

    def searches(self) -> dict[str, Search]:
        return {self.name: self.ask}


class Tantivy(System):
    """tantivy on disk, one writer thread, no positions; tokenizer `whitespace`.

    It keeps a document's length in one byte, so its scores are near the exact ones, not equal.
    """

    name = "tantivy"
    package = "tantivy"

    def build(self, texts: Sequence[str]) -> Built:
        self.library: ModuleType = import_module("tantivy")
        folder = self.folder / "tantivy"
        folder.mkdir()
        started = time.perf_counter()
        schema = self.library.SchemaBuilder()
        schema.add_unsigned_field("no", stored=True)
        schema.add_text_field("body", tokenizer_name="whitespace", index_option="freq")
        self.index = self.library.Index(schema.build(), path=str(folder))
        writer = self.index.writer(heap_size=256_000_000, num_threads=1)
        for no, text in enumerate(texts):
            writer.add_document(self.library.Document(no=no, body=text))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()
        took = time.perf_counter() - started
        return Built(took, took, folder_size(folder))

    def ask(self, query: str) -> list[int]:
        parsed = self.index.parse_query(query, ["body"])
        hits = self.searcher.search(parsed, TOP, count=False).hits
        return [self.searcher.doc(address)["no"][0] for _, address in hits]

    def searches(self) -> dict[str, Search]:
        return {self.name: self.ask}


# LanceDB's full-text index over the words as they are: nothing folded, stemmed or left out.
LANCEDB_WORDS: dict[str, Any] = {
    "base_tokenizer": "whitespace",
    "lower_case": False,
    "stem": False,
    "remove_stop_words": False,
    "ascii_folding": False,
    "with_position": False,
}


class LanceDb(System):
    """LanceDB's full-text index on disk, no positions; tokenizer `whitespace`."""

    name = "lancedb"
    package = "lancedb"

    def build(self, texts: Sequence[str]) -> Built:
        library: Any = import_module("lancedb")
        arrow: Any = import_module("pyarrow")
        folder = self.folder / "lancedb"
        started = time.perf_counter()
        rows = arrow.table({"no": arrow.array(range(len(texts))), "body": arrow.array(texts)})
        self.table = library.connect(folder).create_table("bench", rows)
        self.table.create_fts_index("body", **LANCEDB_WORDS)
        self.table.wait_for_index(["body_idx"])
        took = time.perf_counter() - started
        return Built(took, took, folder_size(folder))

    def ask(self, query: str) -> list[int]:
        asked = self.table.search(query, query_type="fts").select(["no", "_score"]).limit(TOP)
        return list(asked.to_arrow()["no"].to_pylist())

    def searches(self) -> dict[str, Search]:
        return {self.name: self.ask}


SYSTEMS: list[type[System]] = [Ours, TsRank, RankBm25, Bm25s, Tantivy, LanceDb]


def folder_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for what the systems outside PostgreSQL write."""
    return tempfile.TemporaryDirectory(prefix="seogo-bench-")
