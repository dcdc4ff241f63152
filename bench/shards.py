"""Sharded collections: what a shard costs beside the same items unsharded, how the work of each server falls.

  python bench/shards.py                                  20,000 items; none, 1, 2 and 4 shards
  python bench/shards.py --items 200000 --rounds 10
  python bench/shards.py --items 2000 --rounds 2 --spreads 1

Servers are databases of one server (SEOGO_DATABASE_URL, or the embedded one): seogo_bench and those whose
names begin so, made anew and dropped. ms: of a search with its items and passages, as the service sends it,
by one client, words, numbers and vectors fused; the setups answer each query in turns, so that what else the
machine does falls on all alike. CPU: of the processes of each database, from /proc, so the server must be on
this machine. overhead: over the median without shards.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb
from rich.console import Console
from rich.progress import track
from rich.table import Table

from db import connect, migrate
from db.calls.query import fetch
from db.operations import shards
from db.search import functions, results
from db.search.legs import vector_text
from db.search.rows import Leg
from db.settings import DbSettings, read
from jobs import maintain

console = Console()
LETTERS = "abcd"
DIM = 64
BATCH = 1000
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
CREATE = """SELECT ops.create_collection(%s, 'korean', '{"title": 3}', '{pn}',
                                         '{"text": {"item": ["title"]}}', shards => %s)"""
VECTORS = """INSERT INTO core.embedding (item_id, space_id, source, vec, content_hash)
SELECT i.id, (impl.live_space('text')).id, 'item', ARRAY(
           SELECT hashint4extended(g, hashtext(i.external_id)) % 1000 FROM generate_series(1, 64) AS g)
           ::float4[]::vector::halfvec, i.content_hash FROM core.item AS i"""
PIDS = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
Conn = psycopg.Connection[Any]


def names_of(n: int) -> list[str]:
    """Databases of the shards of a setup, its own ones: an index of vectors is one per database."""
    return [f"{letter}{n}" for letter in LETTERS[:n]]


@contextmanager
def databases(spreads: list[int]) -> Iterator[dict[str, Conn]]:
    """Connections to fresh databases: `plain`, `main` (the coordinator) and the shards, by name."""
    url = connect.database_url(read(DbSettings))
    own_names = [name for n in spreads for name in names_of(n)]
    names = {name: f"seogo_bench_{name}" for name in ("plain", "main", *own_names)}
    with psycopg.connect(url, autocommit=True) as admin, ExitStack() as stack:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        template = sql.Identifier("seogo_bench")
        for name in ("seogo_bench", *names.values()):
            stack.callback(admin.execute, drop.format(sql.Identifier(name)))
            admin.execute(drop.format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(template)
        )
        migrate.upgrade(make_conninfo(url, dbname="seogo_bench"))
        found = {}
        for name, database in names.items():
            make = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            admin.execute(make.format(sql.Identifier(database), template))
            own = make_conninfo(url, dbname=database)
            found[name] = stack.enter_context(psycopg.connect(own, autocommit=True))
        yield found


def fill(conns: dict[str, Conn], spreads: list[int], items_n: int) -> None:
    """The same items into a collection without shards, and one per number of shards."""
    main = conns["main"]
    used = [name for n in spreads for name in names_of(n)]
    for name in used:
        url = make_conninfo(connect.database_url(read(DbSettings)), dbname=conns[name].info.dbname)
        fetch(main, shards.add_shard(name=name, url=url))
    for n in spreads:
        main.execute(CREATE, (f"on{n}", names_of(n)))
    conns["plain"].execute(CREATE, ("on0", None))
    for conn in (main, conns["plain"]):
        conn.execute("SELECT ops.create_space('text', 'dummy', 'dummy@1', %s)", (DIM,))
    for at in track(range(0, items_n, BATCH), "items", transient=True):
        rng = random.Random(at)
        items = Jsonb([item(rng, n) for n in range(at, min(at + BATCH, items_n))])
        conns["plain"].execute("SELECT ops.upsert_items('on0', %s)", (items,))
        for n in spreads:
            main.execute("SELECT ops.upsert_items(%s, %s)", (f"on{n}", items))
    for name in ("plain", *used):
        conns[name].execute(VECTORS)
        conns[name].execute("DELETE FROM ops.outbox")
        conns[name].execute("SELECT ops.build_space_index((impl.live_space('text')).id)")
        maintain.run(conns[name])
        conns[name].execute("VACUUM ANALYZE")


def word(rng: random.Random) -> str:
    """A word; frequent ones as often as words are."""
    return f"w{int(rng.paretovariate(1) * 3) % 20_000}"


def item(rng: random.Random, n: int) -> dict[str, Any]:
    """An item of some sixty words with a part number."""
    fields = {
        "title": " ".join(word(rng) for _ in range(5)),
        "body": " ".join(word(rng) for _ in range(55)),
        "pn": f"HD{n:06}-S{n % 9}",
    }
    return {"external_id": f"P{n}", "fields": fields, "metadata": {"maker": f"m{n % 20}"}}


def query(rng: random.Random, items_n: int) -> dict[str, Any]:
    """Arguments of a search: three words, every fourth time with a number."""
    words = [word(rng) for _ in range(3)]
    if rng.random() < 0.25:
        n = rng.randrange(items_n)
        words.append(f"HD{n:06}-S{n % 9}")
    vec = vector_text(np.asarray([rng.uniform(-1, 1) for _ in range(DIM)], np.float32))
    legs = [Leg(kind="lexical"), Leg(kind="identifier"), Leg(kind="vector", space="text", vec=vec)]
    return {"query": " ".join(words), "legs": legs}


def cpu_s(admin: Conn, conn: Conn) -> float:
    """Seconds of a core that the processes of a database have taken."""
    pids = [row[0] for row in admin.execute(PIDS, (conn.info.dbname,))]
    ticks = 0
    for pid in pids:
        parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(parts[11]) + int(parts[12])
    return ticks * TICK_S


def measure(
    conns: dict[str, Conn], spreads: list[int], queries: list[dict[str, Any]], rounds: int
) -> Table:
    """Median milliseconds per setup, and milliseconds of CPU per query and server."""
    table = Table("shards", "ms", "overhead", "CPU ms: coordinator", "CPU ms: each shard")
    setups = [0, *spreads]
    took: dict[int, list[float]] = {n: [] for n in setups}
    used: dict[int, dict[str, float]] = {n: {} for n in setups}
    for at in range(rounds + 1):  # the first one warms up
        for n in setups:
            servers = ["plain"] if n == 0 else ["main", *names_of(n)]
            before = {name: cpu_s(conns["plain"], conns[name]) for name in servers}
            for given in queries:
                ranking = functions.hybrid(collection=f"on{n}", k=10, **given)
                started = time.perf_counter()
                fetch(conns[servers[0]], results.hits(ranking, marked=given["query"]))
                if at:
                    took[n].append(1000 * (time.perf_counter() - started))
            for name in servers if at else ():
                spent = cpu_s(conns["plain"], conns[name]) - before[name]
                used[n][name] = used[n].get(name, 0) + 1000 * spent / len(queries) / rounds
    base = statistics.median(took[0])
    for n in setups:
        ms = statistics.median(took[n])
        own, *others = used[n].values()
        cells = (f"{ms:.1f}", f"{ms - base:+.1f} ({ms / base - 1:+.0%})", f"{own:.1f}")
        table.add_row(str(n), *cells, ", ".join(f"{one:.1f}" for one in others))
    return table


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--spreads", type=int, nargs="+", default=[1, 2, 4], choices=(1, 2, 3, 4))
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    rng = random.Random(1)
    with databases(args.spreads) as conns:
        fill(conns, args.spreads, args.items)
        queries = [query(rng, args.items) for _ in range(args.queries)]
        console.print(measure(conns, args.spreads, queries, args.rounds))


if __name__ == "__main__":
    main()
