"""Sharded collections: what a shard costs beside the same items unsharded, how the work of each server falls.

  python bench/shards.py                                  20,000 items; none, 1, 2 and 4 shards
  python bench/shards.py --items 200000 --rounds 10
  python bench/shards.py --items 2000 --rounds 2 --spreads 1
  python bench/shards.py --items 200000 --keep            again: measures what is loaded, in minutes

Servers are databases of one server (SEOGO_DATABASE_URL, or the embedded one): seogo_bench and those whose
names begin so, made anew and dropped. ms: of a search with its items and passages, as the service sends it,
by one client, words, numbers and vectors fused; the setups answer each query in turns, so that what else the
machine does falls on all alike. CPU: of the connections to each database, from /proc, so the server must be
on this machine. Medians over queries and rounds; overhead: over the median without shards.
"""

from __future__ import annotations

import argparse
import random
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
CREATE = """SELECT ops.create_collection(%s, 'korean', '{"title": 3}', '{pn}',
                                         '{"text": {"item": ["title"]}}', shards => %s)"""
VECTORS = """INSERT INTO core.embedding (item_id, space_id, source, vec, content_hash)
SELECT i.id, (impl.live_space('text')).id, 'item', ARRAY(
           SELECT hashint4extended(g, hashtext(i.external_id)) % 1000 FROM generate_series(1, 64) AS g)
           ::float4[]::vector::halfvec, i.content_hash FROM core.item AS i"""
PIDS = """SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"""
KEPT = "SELECT datname FROM pg_database WHERE starts_with(datname, 'seogo_bench_')"
DROP = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
COUNT = "SELECT count(*) FROM core.item"
Conn = psycopg.Connection[Any]


def names_of(n: int) -> list[str]:
    """Databases of the shards of a setup, its own ones: an index of vectors is one per database."""
    return [f"{letter}{n}" for letter in LETTERS[:n]]


@contextmanager
def databases(names: list[str], keep: bool) -> Iterator[tuple[dict[str, Conn], bool]]:
    """Connections to `plain`, `main` (the coordinator) and the shards; whether a run before left these."""
    url = connect.database_url(read(DbSettings))
    own = {name: f"seogo_bench_{name}" for name in names}
    with psycopg.connect(url, autocommit=True) as admin, ExitStack() as stack:
        kept = keep and {row[0] for row in admin.execute(KEPT)} == set(own.values())
        if not keep:
            for database in ("seogo_bench", *own.values()):
                stack.callback(admin.execute, DROP.format(sql.Identifier(database)))
        if not kept:
            make(admin, url, ["seogo_bench", *own.values()])
        opened = {
            name: stack.enter_context(
                psycopg.connect(make_conninfo(url, dbname=database), autocommit=True)
            )
            for name, database in own.items()
        }
        yield opened, kept


def make(admin: Conn, url: str, names: list[str]) -> None:
    """Databases of Seogo anew: the first one by its migrations, the others as its copies."""
    template, *copies = (sql.Identifier(name) for name in names)
    for name in (template, *copies):
        admin.execute(DROP.format(name))
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
    admin.execute(create.format(template))
    migrate.upgrade(make_conninfo(url, dbname=names[0]))
    for name in copies:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, template))


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


def cpu_ms(admin: Conn, conns: list[Conn]) -> list[float]:
    """Milliseconds of a core that the connections to each database have taken."""
    spent = []
    for conn in conns:
        pids = [row[0] for row in admin.execute(PIDS, (conn.info.dbname,))]
        taken = (Path(f"/proc/{pid}/schedstat").read_text().split()[0] for pid in pids)
        spent.append(sum(map(int, taken)) / 1e6)
    return spent


def measure(
    conns: dict[str, Conn], spreads: list[int], queries: list[dict[str, Any]], rounds: int
) -> Table:
    """Median milliseconds per setup, and milliseconds of CPU per query and server."""
    setups = {n: ["plain"] if n == 0 else ["main", *names_of(n)] for n in (0, *spreads)}
    took: dict[int, list[list[float]]] = {n: [] for n in setups}
    with psycopg.connect(connect.database_url(read(DbSettings)), autocommit=True) as admin:
        for at in range(rounds + 1):  # the first one warms up
            for n, servers in setups.items():
                for given in queries:
                    ranking = functions.hybrid(collection=f"on{n}", k=10, **given)
                    used = [conns[name] for name in servers]
                    before = cpu_ms(admin, used)
                    started = time.perf_counter()
                    fetch(used[0], results.hits(ranking, marked=given["query"]))
                    ms = 1000 * (time.perf_counter() - started)
                    spent = np.subtract(cpu_ms(admin, used), before)
                    if at:
                        took[n].append([ms, *spent])
    return table(took)


def table(took: dict[int, list[list[float]]]) -> Table:
    """Medians of what searches took: [milliseconds, CPU of the coordinator, CPU of each shard]."""
    shown = Table("shards", "ms", "overhead", "CPU ms: coordinator", "CPU ms: each shard")
    base = float(np.median([one[0] for one in took[0]]))
    for n, rows in took.items():
        ms, own, *others = np.median(rows, axis=0)
        cells = (f"{ms:.1f}", f"{ms - base:+.1f} ({ms / base - 1:+.0%})", f"{own:.1f}")
        shown.add_row(str(n), *cells, ", ".join(f"{one:.1f}" for one in others))
    return shown


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--spreads", type=int, nargs="+", default=[1, 2, 4], choices=(1, 2, 3, 4))
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="leave the databases for another run")
    args = parser.parse_args()
    rng = random.Random(1)
    names = ["plain", "main", *(name for n in args.spreads for name in names_of(n))]
    with databases(names, args.keep) as (conns, kept):
        if not kept:
            fill(conns, args.spreads, args.items)
        elif (n := conns["plain"].execute(COUNT).fetchall()[0][0]) != args.items:
            parser.error(f"those kept have {n} items: leave --keep out, and they are made anew")
        queries = [query(rng, args.items) for _ in range(args.queries)]
        console.print(measure(conns, args.spreads, queries, args.rounds))


if __name__ == "__main__":
    main()
