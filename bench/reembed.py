"""Re-embedding: what a worker adds to the encoder's own time, and what searches feel of a switch.

  python bench/reembed.py                       both parts, 2,000 texts, 200 searches a second
  python bench/reembed.py --texts 5000 --rate 100 --part overhead

overhead: texts a second of the encoder alone, batch after batch, against a worker that claims them from the
outbox, encodes, and stores vectors, the database on the same machine; alternately, some rounds. Goal: the
worker takes at most 10 % longer.
switch: searches (words and vectors, k 10) at a steady rate while a second generation is filled by a worker
(the dummy encoder, at a rate at which that takes 20 s), indexed, switched to, and the first one dropped.
Query vectors are made beforehand: what is measured is the database. Every search names the generation that it
has a vector for, and looks which is live twice a second.
An error, or an answer that mixes generations, ends the bench.

It makes a database `seogo_bench` on the server and drops it at the end.
"""

from __future__ import annotations

import argparse
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
import numpy as np
import psycopg
from corpus import documents
from pgvector.psycopg import register_vector
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb
from rich.console import Console
from rich.table import Table

from db import connect, migrate
from db.calls.query import fetch
from db.rows import Leg, Space
from db.search import functions
from db.search.legs import vector_text
from db.settings import DbSettings, read
from db.spaces import embedding, generations
from encoders import registry
from encoders.settings import CaptionSettings, EncoderSettings
from flows import encoding
from flows.encoding import Encoder
from jobs import embed
from jobs.reembed import lifecycle as reembed
from jobs.reembed.drop import drop
from jobs.stages.config import PipelineSettings
from jobs.stages.settings import WorkerSettings
from jobs.stages.vectors import LARGEST_BATCH
from jobs.stages.worker import Worker

NAME = "seogo_bench"
COLLECTION = "bench"
FIRST, SECOND = "dummy", "bench-2"
QUERIES = 200
LOOK_S = 0.5
FILL_S = 20
CONNECTIONS = 6
WORDS = 4
PHASES = ("before", "filling", "index and checks", "after the switch", "dropping", "after all")
console = Console()


class Asked(NamedTuple):
    """A search: when it should have begun, and how long it took from then, in seconds."""

    phase: str
    seconds: float


@contextmanager
def database() -> Iterator[str]:
    server = connect.database_url(read(DbSettings))
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        conn.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
    url = make_conninfo(server, dbname=NAME)
    migrate.upgrade(url)
    try:
        yield url
    finally:
        with psycopg.connect(server, autocommit=True) as conn:
            conn.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as conn:
        register_vector(conn)
        yield conn


def filled(conn: psycopg.Connection[Any], texts: list[str], settings: EncoderSettings) -> Space:
    """A collection of the texts, and its space, nothing encoded yet."""
    sources = Jsonb({"text": {"item": ["title"]}})
    create = "SELECT ops.create_collection(%s, 'simple', '{}', '{}', %s)"
    conn.execute(create, (COLLECTION, sources))
    for start in range(0, len(texts), 500):
        rows = [
            {"external_id": str(at), "fields": {"title": texts[at]}}
            for at in range(start, min(start + 500, len(texts)))
        ]
        put = "SELECT count(*) FROM ops.upsert_items(%s, %s)"
        conn.execute(put, (COLLECTION, Jsonb(rows)))
    embed.ensure_spaces(conn, settings)
    return fetch(conn, embedding.live_spaces())[0]


def worker(url: str, settings: EncoderSettings, lanes: int, *, once: bool) -> Worker:
    whole = PipelineSettings(
        db=DbSettings(database_url=url), encoders=settings, captions=CaptionSettings()
    )
    return Worker(whole, WorkerSettings(worker_lanes=lanes), stages=["vectors"], once=once)


def alone(encoder: Encoder, texts: list[str]) -> float:
    """Texts a second of the encoder alone, cut into windows as a worker would, in its largest batches."""
    started = time.perf_counter()
    for start in range(0, len(texts), LARGEST_BATCH):
        batch = texts[start : start + LARGEST_BATCH]
        windows = [window.text for text in batch for window in encoder.windows(text)]
        encoder.encode_passages(windows)
    return len(texts) / (time.perf_counter() - started)


def end_to_end(
    url: str, conn: psycopg.Connection[Any], settings: EncoderSettings, n: int, lanes: int
) -> float:
    """Texts a second of a worker, from the first claim to the last vector stored."""
    conn.execute("TRUNCATE core.chunk, core.embedding_1")
    after: int | None = 0
    while after is not None:
        (after,) = conn.execute("SELECT last_id FROM ops.enqueue_stale(1, %s)", (after,)).fetchone()
    conn.execute("VACUUM ANALYZE ops.outbox")
    worker(url, settings, lanes, once=True).run()
    began, ended, stored = conn.execute(
        "SELECT min(encoded_at), max(encoded_at), count(DISTINCT item_id) FROM core.embedding"
    ).fetchone()
    assert stored == n, f"{stored} of {n} texts have a vector"
    # encoded_at is when a batch was stored: the first one's time is missing from the span, so are its items.
    first = conn.execute(
        "SELECT count(DISTINCT item_id) FROM core.embedding WHERE encoded_at = %s", (began,)
    )
    return (n - first.fetchone()[0]) / (ended - began).total_seconds()


def overhead(texts: list[str], settings: EncoderSettings, rounds: int) -> None:
    with database() as url, connected(url) as conn:
        space = filled(conn, texts, settings)
        encoder = encoding.encoder_of(space, settings)
        alone(encoder, texts[:100])
        found: dict[str, list[float]] = {}
        for _ in range(rounds):
            found.setdefault("encoder alone", []).append(alone(encoder, texts))
            for lanes in (1, 2):
                name = f"worker, {lanes} lanes"
                rate = end_to_end(url, conn, settings, len(texts), lanes)
                found.setdefault(name, []).append(rate)
    table = Table("", title=f"{len(texts):,} texts, {space.encoder}, median of {rounds} rounds")
    for name in ("texts/s", "longer by"):
        table.add_column(name, justify="right")
    best = float(np.median(found["encoder alone"]))
    for name, rates in found.items():
        rate = float(np.median(rates))
        table.add_row(name, f"{rate:.1f}", f"{best / rate - 1:+.1%}")
    console.print(table)


class Users:
    """Searches at a steady rate, over some connections."""

    def __init__(self, url: str, vectors: dict[str, Any], queries: list[str], rate: float) -> None:
        self.phase = PHASES[0]
        self.asked: list[Asked] = []
        self.wrong: list[object] = []
        self._url = url
        self._vectors = vectors
        self._queries = queries
        self._rate = rate
        self._stop = threading.Event()
        self._numbers = itertools.count()
        self._began = time.perf_counter()
        self._live = ""
        self._threads = [threading.Thread(target=self._search) for _ in range(CONNECTIONS)]

    def __enter__(self) -> Users:
        with connected(self._url) as conn:
            self._live = fetch(conn, embedding.live_spaces())[0].pinned
        self._threads.append(threading.Thread(target=self._look))
        self._began = time.perf_counter()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _look(self) -> None:
        with connected(self._url) as conn:
            while not self._stop.wait(LOOK_S):
                self._live = fetch(conn, embedding.live_spaces())[0].pinned

    def _search(self) -> None:
        with connected(self._url) as conn:
            while not self._stop.is_set():
                number = next(self._numbers)
                due = self._began + number / self._rate
                time.sleep(max(0.0, due - time.perf_counter()))
                phase, at = self.phase, number % len(self._queries)
                try:
                    self._ask(conn, at)
                except Exception as exc:
                    self.wrong.append(exc)
                    self._stop.set()
                self.asked.append(Asked(phase, time.perf_counter() - due))

    def _ask(self, conn: psycopg.Connection[Any], at: int) -> None:
        live = self._live
        vec = self._vectors[live][at]
        legs = [Leg(kind="lexical"), Leg(kind="vector", space=live, name="text", vec=vec)]
        # As users ask: a few words. The vector is that of the whole text of an item.
        words = " ".join(self._queries[at].split()[:WORDS])
        hits = fetch(conn, functions.hybrid(collection=COLLECTION, query=words, legs=legs))
        nearest = min(
            hits, key=lambda hit: leg.rank if (leg := hit.legs["text"]) else len(hits) + 1
        )
        leg = nearest.legs["text"]
        # In the generation that the vector was made for nothing is nearer than the item itself.
        if nearest.external_id != str(at) or leg is None or leg.score < 0.99:
            self.wrong.append((live, at, nearest.external_id, leg))


def switch(texts: list[str], settings: EncoderSettings, rate: float) -> None:
    spec = msgspec.structs.replace(
        registry.spec(FIRST),
        name=SECOND,
        revision="2",
        passage_template="x {text}",
        query_template="x {text}",
    )
    registry.SPECS = MappingProxyType({**registry.SPECS, SECOND: spec})  # type: ignore[misc]
    settings = msgspec.structs.replace(settings, text_encoder=FIRST)
    queries = texts[:QUERIES]
    vectors = {
        f"text@{at}": [
            vector_text(vec)
            for vec in registry.build(registry.spec(name), settings.models_path).encode_queries(
                queries
            )
        ]
        for at, name in ((1, FIRST), (2, SECOND))
    }
    took: dict[str, float] = {}
    with database() as url, connected(url) as conn:
        filled(conn, texts, settings)
        worker(url, settings, 2, once=True).run()
        conn.execute("SELECT ops.build_space_index(1)")
        conn.execute("VACUUM ANALYZE")
        with Users(url, vectors, queries, rate) as users:
            for phase in PHASES:
                users.phase = phase
                started = time.perf_counter()
                _do(phase, url, conn, settings)
                took[phase] = time.perf_counter() - started
                if users.wrong:
                    break
        if users.wrong:
            raise SystemExit(f"wrong answers: {users.wrong[:3]}")
    _report(users.asked, took, len(texts), rate)


def _do(phase: str, url: str, conn: psycopg.Connection[Any], settings: EncoderSettings) -> None:
    def tell(_what: str, _done: int, _total: int) -> None:
        pass

    match phase:
        case "filling":
            (n,) = conn.execute("SELECT count(*) FROM core.item").fetchone()
            throttle = generations.Throttle(max_rate=n / FILL_S)
            reembed.start(
                conn, settings, space="text", encoder=SECOND, throttle=throttle, tell=tell
            )
            worker(url, settings, 2, once=True).run()
        case "index and checks":
            reembed.switch(conn, settings, space="text", force=True, tell=tell)
        case "dropping":
            conn.execute(
                "UPDATE ops.space SET retired_at = now() - interval '1 h' WHERE generation = 1"
            )
            drop(conn, space="text", generation=1, tell=tell)
        case _:
            time.sleep(10)


def _report(asked: list[Asked], took: dict[str, float], n: int, rate: float) -> None:
    table = Table("phase", title=f"{n:,} items, {rate:g} searches a second asked for; milliseconds")
    for name in ("seconds", "searches", "per s", "p50", "p95", "p99", "max"):
        table.add_column(name, justify="right")
    for phase, seconds in took.items():
        ms = 1000 * np.array([one.seconds for one in asked if one.phase == phase])
        figures = (*np.percentile(ms, [50, 95, 99]), ms.max())
        cells = (f"{seconds:.1f}", f"{len(ms):,}", f"{len(ms) / seconds:.0f}")
        table.add_row(phase, *cells, *(f"{figure:.1f}" for figure in figures))
    console.print(table)
    console.print("no error, no answer that mixed generations")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=200.0, help="searches a second")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--part", choices=("overhead", "switch"))
    arguments = parser.parse_args()
    settings = read(EncoderSettings)
    texts = list(documents(arguments.texts))
    if arguments.part != "switch":
        overhead(texts, settings, arguments.rounds)
    if arguments.part != "overhead":
        switch(texts, settings, arguments.rate)


if __name__ == "__main__":
    main()
