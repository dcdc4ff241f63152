"""Suggestions while typing: time of search.suggest, and what the titles cost when items are written.

  python bench/suggest.py                     200,000 items: some ten minutes on two cores
  python bench/suggest.py --n 20000 --queries 200

Titles of three to seven words are drawn by Zipf's law from 8,000 Korean and English words, so that many
begin alike; every item has a part number and a flag that three in ten have. A prefix is the beginning of
a title, of a word in it or of its number, 1 to 12 keys long: Korean is cut inside syllables. Items are
written by ops.upsert_items in batches, and one by one, with suggestions and without, in turns.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from psycopg.types.json import Jsonb
from rich.console import Console
from scratchdb import database
from tables import tabled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    Conn = psycopg.Connection[Any]

SEED = 17
WORDS = 8000
EXPONENT = 1.05
BATCH = 4000
SINGLE = 200


def vocabulary(rng: np.random.Generator) -> list[str]:
    """Words of two to four syllables, half of them Hangul without rare finals, half Latin."""
    finals = (0, 0, 0, 1, 4, 8, 16, 17, 21)
    words: dict[str, None] = {}
    while len(words) < WORDS:
        n = int(rng.integers(2, 5))
        if rng.random() < 0.5:
            codes = 0xAC00 + rng.integers(0, 399, n) * 28 + rng.choice(finals, n)
            words["".join(map(chr, codes))] = None
        else:
            letters = [f"{c}{v}" for c in "bcdfghklmnprstvw" for v in "aeiou"]
            words["".join(rng.choice(letters, n))] = None
    return list(words)


def records(n: int) -> Iterator[list[dict[str, Any]]]:
    """Items in batches."""
    rng = np.random.default_rng(SEED)
    words = np.array(vocabulary(rng))
    weights = np.arange(1, WORDS + 1) ** -EXPONENT
    weights /= weights.sum()
    for start in range(0, n, BATCH):
        batch = []
        for number in range(start, min(start + BATCH, n)):
            title = " ".join(rng.choice(words, int(rng.integers(3, 8)), p=weights))
            text = " ".join(rng.choice(words, 40, p=weights))
            code = f"{chr(65 + number % 26)}{chr(65 + number % 23)}-{number:06d}-{number % 97:02d}"
            batch.append(
                {
                    "external_id": str(number),
                    "fields": {"title": title, "body": text, "part_number": code},
                    "metadata": {"in_stock": number % 10 < 3, "shelf": number % 1000},
                }
            )
        yield batch


def prefixes(conn: Conn, n: int) -> dict[str, list[str]]:
    """Prefixes by kind."""
    rng = np.random.default_rng(SEED + 1)
    fetched = conn.execute(
        "SELECT fields ->> 'title', fields ->> 'part_number' FROM core.item TABLESAMPLE SYSTEM (20)"
        " REPEATABLE (0) ORDER BY hashint8(id) LIMIT %s",
        (n,),
    ).fetchall()
    kinds: dict[str, list[str]] = {}

    def cut(text: str, longest: int) -> str:
        letters = conn.execute("SELECT impl.jamo(%s)", (text,)).fetchone() or ("",)
        part = letters[0][: int(rng.integers(1, longest))]
        return str((conn.execute("SELECT impl.compose_jamo(%s)", (part,)).fetchone() or ("",))[0])

    for title, code in fetched:
        words = title.split()
        last = int(rng.integers(1, len(words)))
        first_two = (conn.execute("SELECT impl.initials(%s)", (title,)).fetchone() or ("",))[0]
        other = (
            conn.execute("SELECT impl.other_keyboard(%s)", (words[last],)).fetchone() or ("",)
        )[0]
        kinds.setdefault("title", []).append(cut(title, 13))
        kinds.setdefault("word", []).append(cut(words[last], 7))
        kinds.setdefault("several", []).append(
            " ".join([*words[:last], cut(words[last], 5) or words[last]])
        )
        kinds.setdefault("initials", []).append("".join(first_two.split()[:2]))
        kinds.setdefault("keyboard", []).append(other[: int(rng.integers(3, 9))])
        kinds.setdefault("number", []).append(
            code.lower().replace("-", "")[: int(rng.integers(2, 9))]
        )
    return kinds


def timed(work: Callable[[], Any]) -> float:
    """Milliseconds of a call."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def write(conn: Conn, rows: list[dict[str, Any]], collection: str) -> None:
    """Write a batch of items."""
    conn.execute("SELECT count(*) FROM ops.upsert_items(%s, %s)", (collection, Jsonb(rows)))


def cost(conn: Conn, console: Console, batches: list[list[dict[str, Any]]]) -> None:
    """Print what writing costs with suggestions and without."""
    table = tabled("writing, ms", "", "a batch", "one item")
    for name in ("off", "on"):
        conn.execute(
            "SELECT ops.create_collection(%s, identifier_fields => '{part_number}')", (name,)
        )
    conn.execute("SELECT ops.set_suggestions('off', title_fields => '{}')")
    for batch in batches[:1]:
        write(conn, batch, "on"), write(conn, batch, "off")
    spent: dict[str, tuple[list[float], list[float]]] = {"off": ([], []), "on": ([], [])}
    for batch in batches[1:-1]:
        for name, (many, _) in spent.items():
            many.append(timed(lambda batch=batch, name=name: write(conn, batch, name)))
    for row in batches[-1][:SINGLE]:
        for name, (_, single) in spent.items():
            single.append(timed(lambda row=row, name=name: write(conn, [row], name)))
    for name, (many, single) in spent.items():
        table.add_row(name, f"{np.median(many):.0f}", f"{np.median(single):.2f}")
    console.print(table)
    for name in spent:
        conn.execute("DELETE FROM core.collection WHERE name = %s", (name,))


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--n", type=int, default=200_000, metavar="ITEMS")
    parser.add_argument("--queries", type=int, default=300, metavar="N")
    args = parser.parse_args()
    console = Console()
    with database() as conn:
        batches = list(records(args.n))
        cost(conn, console, batches[:6])
        conn.execute("SELECT ops.create_collection('parts', identifier_fields => '{part_number}')")
        spent = sum(timed(lambda batch=batch: write(conn, batch, "parts")) for batch in batches)
        conn.execute("SELECT impl.fold_completions(id) FROM core.collection")
        conn.execute("VACUUM ANALYZE")
        size = conn.execute(
            "SELECT sum(pg_total_relation_size(t)) / 1e6 FROM"
            " unnest('{core.title,core.completion}'::regclass[]) AS t"
        ).fetchone() or (0,)
        console.print(f"{args.n:,} items in {spent / 1e3:.0f} s; titles take {size[0]:,.0f} MB")
        table = tabled("search.suggest, ms", "prefix", "p50", "p95", "max", "rows")
        for filter_ in (None, '{"in_stock": true}', '{"shelf": 7}'):
            for kind, asked in prefixes(conn, args.queries).items():
                took, rows = [], 0
                for prefix in asked:
                    start = time.perf_counter()
                    rows += len(
                        conn.execute(
                            "SELECT * FROM search.suggest('parts', %s, 10, %s)", (prefix, filter_)
                        ).fetchall()
                    )
                    took.append((time.perf_counter() - start) * 1e3)
                p50, p95 = np.percentile(took, (50, 95))
                table.add_row(
                    f"{kind} {filter_ or ''}",
                    f"{p50:.1f}",
                    f"{p95:.1f}",
                    f"{max(took):.1f}",
                    f"{rows / len(asked):.1f}",
                )
        console.print(table)


if __name__ == "__main__":
    main()
