"""Seogo itself: search.lexical and search.hybrid over core.item."""

from __future__ import annotations

import itertools
import time
from importlib.metadata import version

from pgvector import HalfVector
from pgvector.psycopg import register_vector
from scratchdb import batches, first, index_bytes
from vectordb import item_ids, make_space
from vectorset import TOP

from jobs import maintain
from systems.base import NOTHING, Ask, Corpus, Cost, Note, Query, System, Way, deep
from systems.postgres import both, stage

UNMERGED = Note("before maintenance", "정비 전")


class Ours(System):
    """Exact BM25 and HNSW, fused in the database by one statement; triggers keep the index during the load.

    Its time to build is that of the load and of `seogo maintain`, its vectors are loaded past the triggers.
    """

    name = "seogo"

    def version(self) -> str:
        server = first(self.place.conn, "SHOW server_version")
        return f"{version('seogo')}, PostgreSQL {server}"

    def early(self, given: Corpus) -> list[Way]:
        conn = self.place.conn
        register_vector(conn)
        stage(conn, given.texts)
        create = "SELECT ops.create_collection('bench', %s)"
        collection = first(conn, create, [given.analyzer])
        started = time.perf_counter()
        for batch in batches(len(given.texts)):
            conn.execute(
                "INSERT INTO core.item (collection_id, external_id, fields)"
                " SELECT %s, no::text, jsonb_build_object('text', body)"
                " FROM public.bench_text WHERE no BETWEEN %s AND %s ORDER BY no",
                (collection, *batch),
            )
        self.loaded_s = time.perf_counter() - started
        conn.execute("VACUUM ANALYZE")
        self.ids = item_ids(conn, "bench")
        self.numbers = {item: at for at, item in enumerate(self.ids.tolist())}
        cost = Cost(self.loaded_s, index_bytes(conn))
        return [self.words(self.find, cost)._replace(note=UNMERGED)]

    def build(self, given: Corpus) -> list[Way]:
        conn = self.place.conn
        words = Cost(self.loaded_s + self.maintain(), index_bytes(conn))
        started = time.perf_counter()
        self.space = make_space(conn, self.ids, given.vectors, "cosine", "none")
        vectors = Cost(time.perf_counter() - started, self.space.index_bytes)
        cost = both(words, vectors)
        depths = (None, 100, 30, TOP)
        return [
            self.words(self.find, words),
            *(self.hybrid(self.fuse(d), cost, deep(d) if d else NOTHING) for d in depths),
        ]

    def maintain(self) -> float:
        """Do what `seogo ingest` does in the end; seconds, without those of counting words for corrections.

        No peer corrects queries, and nobody waits for that count; it is noted, like the longest other step,
        which a writer might wait for.
        """
        steps = [("", time.perf_counter())]
        maintain.run(
            self.place.conn,
            "bench",
            on_step=lambda step, _n: steps.append((step, time.perf_counter())),
        )
        took = [(b[0].startswith("count"), b[1] - a[1]) for a, b in itertools.pairwise(steps)]
        self.longest_s = max(seconds for counts, seconds in took if not counts)
        self.counting_s = sum(seconds for counts, seconds in took if counts)
        self.place.conn.execute("VACUUM ANALYZE")
        return time.perf_counter() - steps[0][1] - self.counting_s

    def scored(self, query: Query) -> list[tuple[int, float]]:
        """The best documents with their scores."""
        rows = self.place.conn.execute(
            "SELECT item_id, score FROM search.lexical('bench', %s, %s)", (query.text, TOP)
        )
        return [(self.numbers[item], score) for item, score in rows]

    def find(self, query: Query) -> list[int]:
        return [doc for doc, _ in self.scored(query)]

    def fuse(self, depth: int | None) -> Ask:
        """Hybrid search with both legs to a depth, or as deep as they are by default."""
        pool = ", pool_n => %(depth)s" if depth else ""
        legs = f"search.lexical_leg({pool[2:]}), search.vector_leg(%(space)s, %(vec)s{pool})"
        query = f"SELECT item_id FROM search.hybrid('bench', %(text)s, ARRAY[{legs}], {TOP})"

        def ask(asked: Query) -> list[int]:
            vec = HalfVector(asked.vec)
            params = {"text": asked.text, "vec": vec, "space": self.space.name, "depth": depth}
            rows = self.place.conn.execute(query.encode(), params)
            return [self.numbers[row[0]] for row in rows]

        return ask
