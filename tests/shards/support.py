"""Steps of tests of shards on real servers, a line each."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb

from jobs.shards.move import move
from tests.jobs.support import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jobs.shards.move import EndedMove
    from tests.shards.conftest import Trio

    Conn = psycopg.Connection[Any]

WORDS = ("진공", "펌프", "소음", "vacuum", "pump", "seal", "oil")
MAKE = """SELECT ops.create_collection(%s, 'korean', '{"title": 3}', '{pn}',
                                       '{"text": {"item": ["title"]}}', shards => %s)"""
VECTORS = """INSERT INTO core.embedding (item_id, space_id, source, vec, content_hash)
SELECT i.id, s.id, f.source,
       ARRAY(SELECT hashtext(i.external_id || n) %% 100 + 0.5 FROM generate_series(1, 32) AS n)
           ::float4[]::public.vector::public.halfvec, f.content_hash
FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
JOIN ops.space AS s ON s.name = 'text' AND s.status <> 'retired'
CROSS JOIN impl.vector_content(c.vector_sources, 'text', 'text', i.id, i.fields) AS f
WHERE c.name = coalesce(%s, c.name) ON CONFLICT DO NOTHING"""
ASK = """SELECT item_id, rank, score, legs::text FROM search.hybrid(%(c)s, '진공 pump PX-3',
    ARRAY[search.lexical_leg(), search.identifier_leg(), search.vector_leg('text', %(v)s)], 20)"""


def an_item(n: int, word: str = "pump") -> dict[str, Any]:
    """An item of some words and a number."""
    title = " ".join((*(WORDS[(n * k) % 7] for k in (1, 3, 5)), word))
    return {
        "external_id": f"P{n}",
        "fields": {"title": title, "pn": f"PX-{n}"},
        "metadata": {"n": n},
    }


def write(conn: Conn, collection: str, numbers: range, word: str = "pump") -> None:
    """Upsert items."""
    items = Jsonb([an_item(n, word) for n in numbers])
    conn.execute("SELECT ops.upsert_items(%s, %s)", (collection, items))


def make(trio: Trio, collection: str, shards: list[str], n: int = 60, by: str = "one") -> None:
    """A collection of items with vectors, over shards."""
    with trio.on(by) as conn:
        conn.execute(MAKE, (collection, shards))
        write(conn, collection, range(n))
    encode(trio, shards, collection)


def encode(trio: Trio, shards: Iterable[str], collection: str | None = None) -> None:
    """Vectors of items in all generations, as the workers of the shards would make them."""
    for name in shards:
        with trio.on(name) as conn:
            conn.execute(VECTORS, (collection,))
            conn.execute("DELETE FROM ops.outbox")


def troubles(conn: Conn) -> list[str]:
    """Findings of the doctor."""
    found = conn.execute("SELECT shard || ': ' || detail FROM search.shard_checks() WHERE NOT ok")
    return [row[0] for row in found.fetchall()]


def answer(conn: Conn, collection: str) -> list[tuple[Any, ...]]:
    """Results of a search of all legs, with their scores."""
    vec = str([0.5 + n for n in range(32)])
    return conn.execute(ASK, {"c": collection, "v": vec}).fetchall()


def total(conn: Conn, collection: str) -> int:
    """Number of items, all of which a list has once."""
    row = conn.execute(
        "SELECT t.items, (SELECT count(DISTINCT i.external_id) FROM impl.items_of("
        " impl.named_collection(%(c)s), 0, 100000) AS i) FROM search.total(%(c)s) AS t",
        {"c": collection},
    ).fetchone()
    assert row is not None
    assert row[0] == row[1]
    return int(row[0])


def moved(trio: Trio, collection: str, shard: str, target: str) -> EndedMove:
    """Move a part, over a new connection."""
    with trio.on("one") as conn:
        return move(conn, collection, shard, [target])


@contextmanager
def held(conn: Conn, statement: str) -> Iterator[None]:
    """A transaction that has a lock, until its server is killed."""
    with suppress(psycopg.OperationalError), conn.transaction():
        conn.execute(statement.encode())
        yield


@contextmanager
def rounds_written(trio: Trio, by: str, collection: str) -> Iterator[list[int]]:
    """A writer of rounds of eight items, until the end; those that it was told are written."""
    over = threading.Event()
    acknowledged = [0]

    def use() -> None:
        with trio.on(by) as conn:
            for n in range(1, 100_000):
                if over.is_set():
                    return
                write(conn, collection, range(8 * n, 8 * n + 8))
                acknowledged.append(n)

    end = in_thread(use)
    try:
        yield acknowledged
    finally:
        over.set()
        end()


def waits(holder: Conn, relation: str) -> None:
    """Wait until somebody waits for a lock on a table, or for an advisory lock."""
    asked = (
        "SELECT FROM pg_locks WHERE NOT granted AND (relation = to_regclass(%s) OR locktype = %s)"
    )
    wait_until(lambda: holder.execute(asked, (relation, relation)).rowcount)


def in_thread(work: Callable[[], object]) -> Callable[[], None]:
    """Start some work; the result waits for its end, and raises what it raised."""
    failed: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as exc:
            failed.append(exc)

    thread = threading.Thread(target=run)
    thread.start()

    def end() -> None:
        thread.join()
        if failed:
            raise failed[0]

    return end
