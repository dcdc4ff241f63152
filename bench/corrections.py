"""Corrections of mistyped queries: accuracy by kind and language, false corrections on right ones, times.

  python bench/corrections.py                                examples, legal-ko and SciFact: some minutes
  python bench/corrections.py --sets parts --typos 50        the examples alone

One typing error per title, with a fixed seed: a letter (of Hangul: of the two-set keyboard) replaced, left
out or put in, two neighbours exchanged; a word typed with the other keyboard; two words joined; one split.
The error is in a word of at least two syllables or four letters. An answer is right if it is the title,
letter for letter and space for space. An error that makes another word of the collection counts as any other,
since nobody sees it; `other word` says how many there were. False corrections: of right titles and of the
questions that the data sets bring, of which any change counts, even one that a person would welcome (some
questions of SciFact are mistyped).
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import psycopg
from rich.console import Console
from rich.table import Table
from scratchdb import batches, database, first
from typos import Typist

from db.calls.query import fetch
from db.items.items import create_collection, upsert_items
from db.items.rows import ItemIn, NewCollection
from db.search import functions
from jobs import maintain

SEED = 21
DATA = Path(os.environ.get("SEOGO_DATA", "../shared/data"))
EXAMPLES = Path(__file__).parents[1] / "examples"
Conn = psycopg.Connection[Any]


class Set(NamedTuple):
    """A data set: its items, the titles that are mistyped, and right questions."""

    items: list[ItemIn]
    titles: list[str]
    questions: list[str]


class Answer(NamedTuple):
    """A query as typed, as it should become and as it became, with the seconds."""

    typed: str
    title: str
    became: str
    seconds: float


def parts() -> Set:
    """The sample set of the program."""
    rows = _lines(EXAMPLES / "parts.jsonl")
    items = [ItemIn(external_id=row["external_id"], fields=row["fields"]) for row in rows]
    questions = [row["query"] for row in _lines(EXAMPLES / "crosslingual.jsonl")]
    return Set(items, [item.fields["title"] for item in items], questions)


def legal() -> Set:
    """Korean articles of law: names of laws and headings."""
    rows = _lines(DATA / "legal-ko" / "passages.jsonl")
    items = [
        ItemIn(
            external_id=row["id"],
            fields={"law": row["doc"], "heading": row["title"] or "", "body": row["text"]},
        )
        for row in rows
    ]
    titles = [row[key] for row in rows for key in ("doc", "title") if row[key]]
    questions = [row["text"] for row in _lines(DATA / "legal-ko" / "queries.dev.jsonl")]
    return Set(items, titles, questions)


def scifact() -> Set:
    """English abstracts."""
    rows = _lines(DATA / "scifact" / "corpus.jsonl")
    items = [
        ItemIn(external_id=str(row["_id"]), fields={"title": row["title"], "body": row["text"]})
        for row in rows
    ]
    questions = [row["text"] for row in _lines(DATA / "scifact" / "queries.jsonl")]
    return Set(items, [row["title"] for row in rows], questions)


SETS: dict[str, Callable[[], Set]] = {"parts": parts, "legal-ko": legal, "scifact": scifact}


def _lines(path: Path) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines() if line.strip()]


def fill(conn: Conn, name: str, data: Set) -> None:
    """Make the collection and count its words."""
    settings = NewCollection(analyzer="korean", identifier_fields=["part_number"])
    fetch(conn, create_collection(name=name, settings=settings))
    for start, end in batches(len(data.items)):
        fetch(conn, upsert_items(collection=name, items=data.items[start : end + 1]))
    conn.execute("ANALYZE")
    maintain.run(conn, name)


def ask(conn: Conn, collection: str, typed: str, title: str) -> Answer:
    """Correct one query."""
    started = time.perf_counter()
    (found,) = fetch(conn, functions.correct(collection=collection, query=typed))
    seconds = time.perf_counter() - started
    return Answer(typed, title, typed if found.corrected is None else found.corrected, seconds)


def measure(conn: Conn, name: str, data: Set, n: int, out: Console, wrong_n: int) -> list[float]:
    """Print accuracy by kind and language, and false corrections; returns seconds of all."""
    typist = Typist(conn, SEED)
    table = Table(title=f"{name}: {len(data.items):,} items")
    for column in ("language", "kind", "typos", "right", "corrected wrongly", "left", "other word"):
        table.add_column(column, justify="right")
    seconds: list[float] = []
    for language, korean in (("Korean", True), ("English", False)):
        total: list[Answer] = []
        for kind in typist.kinds:
            answers = [
                ask(conn, name, *pair) for pair in typist.typos(kind, data.titles, korean, n)
            ]
            _row(table, conn, name, language, kind, answers)
            total += answers
            _show_wrong(out, kind, answers, wrong_n)
        _row(table, conn, name, language, "all", total)
        seconds += [answer.seconds for answer in total]
    out.print(table)
    for what, queries in (("titles", data.titles), ("questions", data.questions)):
        drawn = random.Random(SEED).sample(sorted(set(queries)), min(5 * n, len(set(queries))))
        answers = [ask(conn, name, query, query) for query in drawn]
        false = [answer for answer in answers if answer.became != answer.typed]
        out.print(
            f"false corrections of {len(answers):,} {what}: {_share(len(false), len(answers))}"
        )
        for answer in false[:wrong_n]:
            out.print(f"  {answer.typed} -> {answer.became}", highlight=False)
        seconds += [answer.seconds for answer in answers]
    return seconds


def _row(
    table: Table, conn: Conn, name: str, language: str, kind: str, answers: Sequence[Answer]
) -> None:
    if not answers:
        return
    right = sum(_same(answer.became, answer.title) for answer in answers)
    left = sum(answer.became == answer.typed for answer in answers)
    hidden = sum(
        answer.became == answer.typed and _all_words(conn, name, answer.typed) for answer in answers
    )
    count = len(answers)
    shares = (_share(n, count) for n in (right, count - right - left, left, hidden))
    table.add_row(language, kind, str(count), *shares, end_section=kind == "all")


def _same(one: str, other: str) -> bool:
    return " ".join(one.lower().split()) == " ".join(other.lower().split())


def _all_words(conn: Conn, name: str, typed: str) -> bool:
    return bool(
        first(
            conn,
            "SELECT bool_and(EXISTS (SELECT FROM core.word AS w WHERE w.word = p.word"
            " AND w.vocabulary_id = (impl.live_vocabulary(%s)).id)) FROM impl.query_words(%s) AS p"
            " WHERE p.script IS NOT NULL AND length(p.word) > 1",
            [name, typed],
        )
    )


def _share(n: int, of: int) -> str:
    return f"{n / max(of, 1):.1%}"


def _show_wrong(out: Console, kind: str, answers: Sequence[Answer], n: int) -> None:
    wrong = [answer for answer in answers if not _same(answer.became, answer.title)]
    for answer in wrong[:n]:
        out.print(f"  {kind}: {answer.title} | {answer.typed} -> {answer.became}", highlight=False)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--typos", type=int, default=200, help="per kind and language")
    parser.add_argument(
        "--wrong", type=int, default=0, help="show so many wrong answers of each kind"
    )
    options = parser.parse_args()
    out = Console(width=130)
    with database() as conn:
        seconds: list[float] = []
        for name in options.sets:
            data = SETS[name]()
            started = time.perf_counter()
            fill(conn, name, data)
            words = first(
                conn,
                "SELECT count(*) FROM core.word WHERE vocabulary_id ="
                " (impl.live_vocabulary(%s)).id",
                [name],
            )
            out.print(f"{name}: {words:,} words, loaded in {time.perf_counter() - started:.0f} s")
            seconds += measure(conn, name, data, options.typos, out, options.wrong)
        p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
        out.print(f"{len(seconds):,} calls: p50 {p50:.1f} ms, p95 {p95:.1f} ms")


if __name__ == "__main__":
    main()
