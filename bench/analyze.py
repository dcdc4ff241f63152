"""Speed of search.analyze on one core: tokens per second on real abstracts and statutes. Goal: 100,000."""

from __future__ import annotations

import argparse
import json
import os
import time
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from db import connect, migrate
from db.settings import DbSettings, read

TEXTS = {"English abstracts": "scifact/corpus.jsonl", "Korean statutes": "legal-ko/passages.jsonl"}
QUERY = "SELECT sum(cardinality(search.analyze(%s, body))) FROM bench_text WHERE kind = %s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("SEOGO_DATA", "../shared/data"))
    parser.add_argument("--texts", type=int, default=2000, help="texts per set")
    options = parser.parse_args()
    settings = read(DbSettings)
    migrate.upgrade(connect.database_url(settings))
    table = Table("texts", "analyzer", "tokens", "tokens/s")
    with connect.session(settings) as conn:
        conn.execute("SET max_parallel_workers_per_gather = 0")
        conn.execute("CREATE TEMP TABLE bench_text (kind text, body text)")
        for kind, name in TEXTS.items():
            with (options.data / name).open() as lines, conn.cursor() as cur:
                bodies = [(kind, json.loads(x)["text"]) for x in islice(lines, options.texts)]
                cur.executemany("INSERT INTO bench_text VALUES (%s, %s)", bodies)
            for analyzer in ("simple", "english", "korean"):
                started = time.perf_counter()
                row = conn.execute(QUERY, (analyzer, kind)).fetchone()
                assert row is not None
                rate = row[0] / (time.perf_counter() - started)
                table.add_row(kind, analyzer, f"{row[0]:,}", f"{rate:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
