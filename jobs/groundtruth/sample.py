"""A sample of judgments on a sheet for a person, blind, and how far the two agree."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING, Any

import msgspec

from db import evaldata, groundtruth, tuning
from db.groundtruth import Judged
from db.query import fetch
from encoders.optional import require
from jobs.evaluation.formats import BadFile

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

COLUMNS = ("query", "item", "sought", "found", "grade", "remark")
GRADES = range(-9, 31)
EXTRA = "tune"


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How far a person and a source agree on the same pairs.

    Attributes:
        pairs: that both have judged.
        equal: share with the same grade.
        relevance: share where both say relevant, or both say not.
        kappa: Cohen's kappa with quadratic weights, 1 = full agreement, 0 = as by chance; None where
            one of them gives a single grade only, as it means nothing there.
    """

    pairs: int
    equal: float
    relevance: float
    kappa: float | None


def export(
    conn: psycopg.Connection[Any],
    path: Path,
    *,
    collection: str,
    query_set: str,
    source: str,
    n: int = 50,
    seed: int = 20,
) -> int:
    """Write n judged pairs to a CSV sheet, as many of each grade as can be; returns how many.

    The sheet does not tell the grade, nor its order: who judges shall not be led.

    Raises:
        BadFile: the source has no judgments.
    """
    rows = fetch(conn, groundtruth.judged(query_set=query_set, source=source))
    if not rows:
        raise BadFile(f"the set {query_set} has no judgments from {source}")
    chosen = _drawn(rows, n, seed)
    queries = {q.external_id: q for q in fetch(conn, evaldata.queries(query_set=query_set))}
    own = [queries[row.query].item for row in chosen]
    ids = [*(row.external_id for row in chosen), *(item for item in own if item)]
    ask = tuning.item_texts(collection=collection, external_ids=ids)
    texts = {row.external_id: row.text or "" for row in fetch(conn, ask)}
    # Spreadsheet programs take a UTF-8 file for something else without the mark.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(COLUMNS)
        for row, item in zip(chosen, own, strict=True):
            sought = queries[row.query].text or texts.get(item or "", "")
            found = texts.get(row.external_id, "")
            sheet.writerow([row.query, row.external_id, sought, found, "", ""])
    return len(chosen)


def read(path: Path) -> list[Judged]:
    """The rows of a sheet that were given a grade.

    Raises:
        BadFile: a column is missing, a grade is none, or a pair stands there twice.
    """
    found: dict[tuple[str, str], Judged] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            if missing := [name for name in ("query", "item", "grade") if row.get(name) is None]:
                raise BadFile(
                    f"{path}:{number}: no column {missing[0]}", "see `seogo judge sample`"
                )
            if not row["grade"].strip():
                continue
            pair = row["query"], row["item"]
            if pair in found:
                raise BadFile(f"{path}:{number}: the pair {pair[0]} / {pair[1]} stands there twice")
            grade, remark = _grade(path, number, row["grade"]), row.get("remark") or None
            found[pair] = Judged(query=pair[0], external_id=pair[1], grade=grade, reason=remark)
    return list(found.values())


def keep(
    conn: psycopg.Connection[Any], rows: list[Judged], *, query_set: str, source: str, judge: str
) -> int:
    """Write what a sheet says, all of it or nothing; returns how many judgments.

    Raises:
        BadFile: a query of the sheet is not in the set.
    """
    known = {query.external_id for query in fetch(conn, evaldata.queries(query_set=query_set))}
    if unknown := sorted({row.query for row in rows} - known):
        raise BadFile(f"query {unknown[0]} is not in the set {query_set}")
    with conn.transaction():
        for row in rows:
            told = msgspec.structs.replace(row, judge=judge)
            fetch(conn, groundtruth.put(query_set=query_set, source=source, judgment=told))
    return len(rows)


def agreement(rows: list[Judged], others: list[Judged]) -> Agreement | None:
    """Compare two judges on the pairs that both have; None where there is none."""
    theirs = {(row.query, row.external_id): row.grade for row in others}
    both = [
        (row.grade, theirs[row.query, row.external_id])
        for row in rows
        if (row.query, row.external_id) in theirs
    ]
    if not both:
        return None
    first, second = ([pair[at] for pair in both] for at in (0, 1))
    kappa = None
    if len(set(first)) > 1 and len(set(second)) > 1:
        score = require("sklearn.metrics", EXTRA).cohen_kappa_score
        # All grades between, given or not: weights go by the place in this list.
        grades = list(range(min(*first, *second), max(*first, *second) + 1))
        kappa = float(score(first, second, labels=grades, weights="quadratic"))
    return Agreement(
        pairs=len(both),
        equal=sum(a == b for a, b in both) / len(both),
        relevance=sum((a > 0) == (b > 0) for a, b in both) / len(both),
        kappa=kappa,
    )


def _drawn(rows: list[Judged], n: int, seed: int) -> list[Judged]:
    """As many of each grade as can be: without that, a sample would hold what is frequent only."""
    dice = random.Random(seed)
    by_grade: dict[int, list[Judged]] = {}
    for row in rows:
        by_grade.setdefault(row.grade, []).append(row)
    piles = [dice.sample(pile, len(pile)) for _, pile in sorted(by_grade.items())]
    chosen: list[Judged] = []
    while len(chosen) < min(n, len(rows)):
        chosen += [pile.pop() for pile in piles if pile][: n - len(chosen)]
    return dice.sample(chosen, len(chosen))


def _grade(path: Path, number: int, text: str) -> int:
    try:
        grade = int(text)
    except ValueError:
        grade = GRADES.stop
    if grade not in GRADES:
        raise BadFile(f"{path}:{number}: not a grade: {text}", "a whole number, 0 = not relevant")
    return grade
