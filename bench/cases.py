"""Kinds of searches by words that a change of the engine might make slower, on databases asked in turns.

  python bench/cases.py --fill before --docs 200000        with the older program
  python bench/cases.py --fill after --docs 200000         with the newer one
  python bench/cases.py --ask before after                 times, ratios, and whether answers are equal

Databases live on the server that SEOGO_DATABASE_URL names (or the embedded one) and stay until dropped. Each
holds 200,000 drawn texts (bench/corpus.py), 2,000 long Korean ones, weighted fields, 300 small collections.
"""

from __future__ import annotations

import argparse
import itertools
import random
import time
from typing import TYPE_CHECKING, Any

import corpus
import numpy as np
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb
from rich.console import Console
from rich.table import Table

from db import connect, migrate
from db.settings import DbSettings, read
from jobs import maintain

if TYPE_CHECKING:
    from collections.abc import Iterable

BATCH = 5000
HANGUL = [chr(code) for code in range(0xAC00, 0xAC00 + 600)]
SMALL_N = 300

LEXICAL = "SELECT item_id, score FROM search.lexical('{}', %s, {}, {})"
CASES = {
    "10 best": LEXICAL.format("bench", 10, "NULL"),
    "100 best": LEXICAL.format("bench", 100, "NULL"),
    "1,000 best": LEXICAL.format("bench", 1000, "NULL"),
    "filter, 0.1 % pass": LEXICAL.format("bench", 10, "'$.n < 200'"),
    "filter, 1 % pass": LEXICAL.format("bench", 10, "'$.n < 2000'"),
    "filter, 10 % pass": LEXICAL.format("bench", 10, "'$.n < 20000'"),
    "filter, half pass": LEXICAL.format("bench", 10, "'$.n < 100000'"),
    "filter, half pass, 100 best": LEXICAL.format("bench", 100, "'$.n < 100000'"),
    "weighted fields": LEXICAL.format("weighted", 10, "NULL"),
    "explained": "SELECT leg, found FROM search.explain_hybrid('bench', %s)",
    "words of phrase search": "SELECT item_id, score FROM search.phrase('bench', %s, 10)",
    "facets": "SELECT value, items FROM search.facets('bench', %s, 'm')",
    "100 bigrams, 10 best": LEXICAL.format("korean", 10, "NULL"),
    "100 bigrams, 100 best": LEXICAL.format("korean", 100, "NULL"),
    "one of 300 small collections": LEXICAL.format("small7", 10, "NULL"),
}


def korean(rng: random.Random, letters: int) -> str:
    """A drawn Korean text: common letters come often."""
    return "".join(
        " " if rng.random() < 0.2 else HANGUL[int(len(HANGUL) * rng.random() ** 3)]
        for _ in range(letters)
    )


def load(conn: psycopg.Connection[Any], name: str, fields: Iterable[dict[str, str]]) -> None:
    cid = conn.execute("SELECT id FROM core.collection WHERE name = %s", (name,)).fetchall()[0][0]
    rows = list(fields)
    for start in range(0, len(rows), BATCH):
        copied = "COPY core.item (collection_id, external_id, fields, metadata) FROM STDIN"
        with conn.cursor() as cur, cur.copy(copied) as copy:
            for at, row in enumerate(rows[start : start + BATCH], start):
                copy.write_row((cid, str(at), Jsonb(row), Jsonb({"n": at, "m": at % 20})))


def fill(url: str, docs: int, console: Console) -> None:
    migrate.upgrade(url)
    rng = random.Random(5)
    texts = list(corpus.documents(docs))
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("SELECT ops.create_collection('bench', 'simple')")
        conn.execute("SELECT ops.create_collection('weighted', 'simple', '{\"a\": 3}')")
        conn.execute("SELECT ops.create_collection('korean', 'korean')")
        started = time.perf_counter()
        load(conn, "bench", ({"t": text} for text in texts))
        console.print(f"{docs:,} texts in {time.perf_counter() - started:.0f} s")
        load(conn, "weighted", ({"a": t[:80], "b": t[80:]} for t in texts[: docs // 10]))
        load(conn, "korean", ({"t": korean(rng, 3000)} for _ in range(2000)))
        for at in range(SMALL_N):
            conn.execute("SELECT ops.create_collection(%s, 'simple')", (f"small{at}",))
            load(conn, f"small{at}", ({"t": text} for text in texts[at * 50 : at * 50 + 50]))
        started = time.perf_counter()
        steps = [started]
        maintain.run(conn, on_step=lambda *_step: steps.append(time.perf_counter()))
        longest = max(b - a for a, b in itertools.pairwise(steps))
        console.print(f"maintenance {steps[-1] - started:.0f} s, longest step {longest:.1f} s")
        conn.execute("VACUUM ANALYZE")


def questions(case: str, texts: list[str], n: int) -> list[str]:
    if "bigrams" in case:
        rng = random.Random(9)
        return [korean(rng, 130) for _ in range(n)]
    if "small" in case:
        return corpus.queries(texts[350:400], n)
    return corpus.queries(texts, n)


def ask(urls: dict[str, str], docs: int, n: int) -> Table:
    texts = list(corpus.documents(docs))
    table = Table(title="p50 / p95 ms, asked in turns", title_justify="left")
    for name in ("", *urls, "ratio", "equal"):
        table.add_column(name, justify="right" if name else "left")
    conns = {name: psycopg.connect(url, autocommit=True) for name, url in urls.items()}
    for case, statement in CASES.items():
        times: dict[str, list[float]] = {name: [] for name in conns}
        equal = 0
        for query in questions(case, texts, n):
            answers = []
            for name, conn in conns.items():
                conn.execute(statement.encode(), (query,)).fetchall()  # each with a warm cache
                started = time.perf_counter()
                rows = conn.execute(statement.encode(), (query,)).fetchall()
                times[name].append(1000 * (time.perf_counter() - started))
                answers.append(
                    [tuple(round(v, 9) for v in row if isinstance(v, float)) for row in rows]
                )
            equal += all(answer == answers[0] for answer in answers)
        p50 = [float(np.percentile(times[name], 50)) for name in conns]
        cells = [f"{np.percentile(t, 50):.1f} / {np.percentile(t, 95):.1f}" for t in times.values()]
        table.add_row(case, *cells, f"{p50[-1] / p50[0]:.2f}", f"{equal}/{n}")
    return table


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fill", metavar="DATABASE")
    parser.add_argument("--ask", nargs="+", metavar="DATABASE")
    parser.add_argument("--docs", type=int, default=200_000, metavar="N")
    parser.add_argument("--queries", type=int, default=60, metavar="N")
    args = parser.parse_args()
    console = Console()
    url = connect.database_url(read(DbSettings))
    if args.fill:
        with psycopg.connect(url, autocommit=True) as conn:
            name = sql.Identifier(args.fill)
            conn.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name)
            )
        fill(make_conninfo(url, dbname=args.fill), args.docs, console)
    if args.ask:
        urls = {name: make_conninfo(url, dbname=name) for name in args.ask}
        console.print(ask(urls, args.docs, args.queries))


if __name__ == "__main__":
    main()
