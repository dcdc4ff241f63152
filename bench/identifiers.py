"""Part numbers among near decoys: 60 numbers in 13 spellings, and sentences with years and quantities.

  python bench/identifiers.py                    5,000 decoys
  python bench/identifiers.py --decoys 100000

Needs an upgraded database (`seogo db upgrade`). A collection of its own is loaded under a name that begins
with bench-, and removed afterwards: 60 part numbers, and decoys that differ from one of them by one to three
edits and share words and pieces with it. No decoy is as near to a spelling as the number meant, or else
nobody could tell. Printed is how often search.hybrid, legs by default, has the number meant in front, and
how many sentences have a part number in front.
"""

from __future__ import annotations

import argparse
import os
import random
import string
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb
from rich.console import Console
from rich.table import Table

from db import connect
from db.settings import DbSettings, read

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    Spelling = Callable[[str, random.Random], str]

SEED = 21
NUMBERS = 60
GOAL = 0.99
LETTERS = "ACDEFGHJKMNPQRTUVWXY"
CONFUSED = str.maketrans("0O1I", "O0I1")
WORDS = ("진공 펌프", "실링", "베어링", "모터", "vacuum pump", "seal kit", "motor", "valve", "배관")
SENTENCES = (
    "2023년 매출", "2024년 신제품 진공 펌프", "500 mm 파이프", "10 kW motor", "220V 모터 2대",
    "1/2 inch valve",
    "1,000시간 사용한 베어링", "파이프 500mm 두께", "pump in 2023", "5 bar vacuum pump", "배관 10m 3개",
    "3천만원 이하의 과태료", "2023-10-05 점검한 펌프", "1½ inch 배관", "25°C 이하 보관", "1500 rpm motor",
)  # fmt: skip

# Part numbers that read like the quantities of the sentences.
QUANTITIES = (
    "2023", "2024", "500", "500-MM", "10KW", "220V", "1000", "1500", "2023-1005", "30000000",
)  # fmt: skip


def part_number(rng: random.Random) -> str:
    """Three or four groups of letters or digits with separators, nine to thirteen characters."""
    groups = ["".join(rng.choice(LETTERS) for _ in range(rng.randint(2, 4)))]
    groups.append("".join(rng.choice(string.digits) for _ in range(4)))
    groups.append(
        rng.choice(LETTERS) + "".join(rng.choice(string.digits) for _ in range(2, 4)) + "01"
    )
    return rng.choice("-/ ").join(groups[:2]) + rng.choice("-.") + groups[2]


def edited(number: str, rng: random.Random, how: str) -> str:
    """The number with one character wrong, transposed with the next, missing or doubled."""
    places = [
        at
        for at in range(1, len(number) - 1)
        if number[at].isalnum() and number[at + 1].isalnum() and number[at] != number[at + 1]
    ]
    at = rng.choice(places)
    alike = string.digits if number[at].isdigit() else LETTERS
    return {
        "wrong": number[:at] + rng.choice(alike.replace(number[at], "")) + number[at + 1 :],
        "transposed": number[:at] + number[at + 1] + number[at] + number[at + 2 :],
        "missing": number[:at] + number[at + 1 :],
        "doubled": number[: at + 1] + number[at:],
    }[how]


def bare(number: str) -> str:
    return "".join(c for c in number if c.isalnum())


def separated(number: str, by: str) -> str:
    return "".join(c if c.isalnum() else by for c in number)


SPELLINGS: dict[str, Spelling] = {
    "as it is": lambda number, _: number,
    "lower case": lambda number, _: number.lower(),
    "without separators": lambda number, _: bare(number),
    "spaces": lambda number, _: separated(number, " "),
    "other separators": lambda number, rng: separated(number, rng.choice("_/.–")),
    "one wrong": lambda number, rng: edited(number, rng, "wrong"),
    "transposed": lambda number, rng: edited(number, rng, "transposed"),
    "missing": lambda number, rng: edited(number, rng, "missing"),
    "doubled": lambda number, rng: edited(number, rng, "doubled"),
    "O/0 and I/1": lambda number, _: number.translate(CONFUSED),
    "prefix": lambda number, _: number[: len(number) - 2],
    "Korean sentence": lambda number, _: f"{number} 진공 펌프의 실링 교체 방법을 알려줘",
    "particle": lambda number, _: f"모터 {bare(number)}용 베어링이 있나요?",
}


def shortened(number: str) -> set[str]:
    """The number, and it with each character left out: two that are one edit apart share one of these."""
    return {number} | {number[:at] + number[at + 1 :] for at in range(len(number))}


def folded(number: str) -> str:
    return bare(number).upper().translate(str.maketrans("OILSBZ", "011582"))


def decoys(numbers: list[str], asked: set[str], n: int, rng: random.Random) -> list[str]:
    """Other numbers of the same families, none of them nearer to a query than the number meant."""
    found: dict[str, str] = {}
    near = set().union(*(shortened(query) for query in asked))
    beginnings = tuple(query for query in asked if query not in set(map(folded, numbers)))
    while len(found) < n:
        number = rng.choice(numbers)
        for _ in range(rng.randint(2, 3)):
            number = edited(number, rng, rng.choice(("wrong", "transposed", "wrong")))
        key = folded(number)
        if near.isdisjoint(shortened(key)) and not key.startswith(beginnings):
            found.setdefault(key, number)
    return list(found.values())


def load(conn: psycopg.Connection[Any], name: str, numbers: list[str], rng: random.Random) -> None:
    conn.execute("SELECT ops.create_collection(%s, 'korean', '{}', '{no}')", (name,))
    rows = [
        {
            "external_id": number,
            "fields": {
                "title": f"{rng.choice(WORDS)} {number}",
                "body": " ".join(rng.choices(WORDS, k=8)),
            },
            "metadata": {"no": number},
        }
        for number in numbers
    ]
    rows += [
        {"external_id": no, "fields": {"title": "spare"}, "metadata": {"no": no}}
        for no in QUANTITIES
    ]
    for start in range(0, len(rows), 2000):
        conn.execute(
            "SELECT FROM ops.upsert_items(%s, %s)", (name, Jsonb(rows[start : start + 2000]))
        )
    conn.execute("ANALYZE core.identifier")


def first(conn: psycopg.Connection[Any], name: str, query: str) -> str | None:
    row = conn.execute(
        "SELECT i.external_id FROM search.hybrid(%s, %s, k => 1) AS h"
        " JOIN core.item AS i ON i.id = h.item_id",
        (name, query),
    ).fetchone()
    return None if row is None else str(row[0])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--decoys", type=int, default=5000)
    parser.add_argument(
        "--show", action="store_true", help="print every query that is answered wrongly"
    )
    options = parser.parse_args()
    rng = random.Random(SEED)
    numbers = [part_number(rng) for _ in range(NUMBERS)]
    queries = [
        (how, number, make(number, rng)) for how, make in SPELLINGS.items() for number in numbers
    ]
    short = {folded(q) for how, _, q in queries if "sentence" not in how and how != "particle"}
    name, console = f"bench-{os.getpid()}", Console()
    table = Table("spelling", "first", "of")
    with connect.session(read(DbSettings)) as conn:
        try:
            load(conn, name, numbers + decoys(numbers, short, options.decoys, rng), rng)
            right = dict.fromkeys(SPELLINGS, 0)
            for how, number, query in queries:
                got = first(conn, name, query)
                right[how] += got == number
                if got != number and options.show:
                    console.print(f"{how}: {query!r} gave {got!r}, not {number!r}")
            for how, n in right.items():
                table.add_row(how, str(n), str(NUMBERS))
            fronts = {sentence: first(conn, name, sentence) for sentence in SENTENCES}
            wrong = [sentence for sentence, front in fronts.items() if front in QUANTITIES]
        finally:
            conn.execute("DELETE FROM core.collection WHERE name = %s", (name,))
    console.print(table)
    share = sum(right.values()) / len(queries)
    console.print(
        f"in front: {share:.2%} of {len(queries)} (goal {GOAL:.0%});"
        f" sentences with a number in front: {wrong or 0}"
    )


if __name__ == "__main__":
    main()
