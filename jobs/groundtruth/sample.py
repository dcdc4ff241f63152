"""Blind samples of judgments on a CSV sheet for a person, and their agreement."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.evaluation import ground_truth, query_sets, tuning
from db.evaluation.ground_truth import Judged
from encoders.runtime.optional import require
from inputs import tables
from inputs.errors import Bad
from jobs.evaluation.formats import GRADES, MAX_ID, BadFile, BadLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from jobs.types import Conn

COLUMNS = ("query", "item", "sought", "found", "grade", "remark")
EXTRA = "tune"


class Sheet(msgspec.Struct):
    """A filled sheet.

    Judgments and errors are by line; `empty` counts rows without a grade.
    """

    rows: dict[int, Judged] = {}
    errors: dict[int, str] = {}
    empty: int = 0


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement of a person and a source on the same pairs.

    `equal` is the share with the same grade, `relevance` that where both say relevant or both not, `kappa`
    Cohen's with quadratic weights: 1 = full agreement, 0 = as by chance; None where one of them gives a
    single grade only, as it means nothing there.
    """

    pairs: int
    equal: float
    relevance: float
    kappa: float | None


def export(
    conn: Conn,
    path: Path,
    *,
    collection: str,
    query_set: str,
    source: str,
    n: int = 50,
    seed: int = 20,
) -> int:
    """Write n judged pairs to a CSV sheet, grades balanced; returns how many.

    The sheet does not tell the grade, nor its order: who judges shall not be led.

    Raises:
        BadFile: the source has no judgments.
    """
    rows = fetch(conn, ground_truth.judged(query_set=query_set, source=source))
    if not rows:
        raise BadFile(f"the set {query_set} has no judgments from {source}")
    chosen = _drawn(rows, n, seed)
    queries = {q.external_id: q for q in fetch(conn, query_sets.queries(query_set=query_set))}
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


def read(path: Path) -> Sheet:
    """Read the graded rows of a sheet; a bad one is reported, the rest goes on.

    Raises:
        InputUnusable: the file cannot be read, or has no columns query, item and grade.
    """
    sheet = Sheet()
    seen: dict[tuple[str, str], int] = {}
    for row in tables.rows(path, ("query", "item", "grade")):
        try:
            if isinstance(row, Bad):
                raise BadLine(row.reason)
            if not row.cells["grade"].strip():
                sheet.empty += 1
                continue
            judged = _judged(row.cells)
            first = seen.setdefault((judged.query, judged.external_id), row.line)
            if first != row.line:
                pair = f"{judged.query} / {judged.external_id}"
                raise BadLine(f"the pair {pair} stands already in line {first}")
            sheet.rows[row.line] = judged
        except BadLine as exc:
            sheet.errors[row.line] = str(exc)
    return sheet


def keep(
    conn: Conn,
    sheet: Sheet,
    *,
    query_set: str,
    source: str,
    judge: str,
    others: Iterable[Judged] = (),
) -> list[Judged]:
    """Store the judgments of a sheet whose queries and items exist.

    An item is there if some collection has it, or `others` are about it: the judgments that the sheet was
    made from. What is said of any other is not written: it becomes an error of the sheet.

    Returns:
        The judgments kept.
    """
    known = {query.external_id for query in fetch(conn, query_sets.queries(query_set=query_set))}
    ids = {row.external_id for row in sheet.rows.values()} - {row.external_id for row in others}
    ask = query_sets.unknown_items(external_ids=sorted(ids))
    absent = {row.external_id for row in fetch(conn, ask)}
    kept = []
    with conn.transaction():
        for line, row in sheet.rows.items():
            if row.query not in known:
                sheet.errors[line] = f"query {row.query} is not in the set {query_set}"
            elif row.external_id in absent:
                sheet.errors[line] = f"item {row.external_id} is in no collection"
            else:
                judgment = msgspec.structs.replace(row, judge=judge)
                fetch(conn, ground_truth.put(query_set=query_set, source=source, judgment=judgment))
                kept.append(judgment)
    return kept


def agreement(rows: list[Judged], others: list[Judged]) -> Agreement | None:
    """Compare two judges on the pairs that both have; None where there are no such pairs."""
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
    """Draw a sample balanced by grade."""
    dice = random.Random(seed)
    by_grade: dict[int, list[Judged]] = {}
    for row in rows:
        by_grade.setdefault(row.grade, []).append(row)
    piles = [dice.sample(pile, len(pile)) for _, pile in sorted(by_grade.items())]
    chosen: list[Judged] = []
    while len(chosen) < min(n, len(rows)):
        chosen += [pile.pop() for pile in piles if pile][: n - len(chosen)]
    return dice.sample(chosen, len(chosen))


def _judged(cells: Mapping[str, str]) -> Judged:
    for name, cell in cells.items():
        if "\0" in cell and name in COLUMNS:
            raise BadLine(f"{name}: contains a NUL character, which PostgreSQL cannot store")
    for name in ("query", "item"):
        if not 1 <= len(cells[name]) <= MAX_ID:
            raise BadLine(f"{name}: an id has 1 to {MAX_ID} characters")
    return Judged(
        query=cells["query"],
        external_id=cells["item"],
        grade=_grade(cells["grade"]),
        reason=cells.get("remark") or None,
    )


def _grade(text: str) -> int:
    try:
        grade = int(text)
    except ValueError:
        grade = GRADES.stop
    if grade not in GRADES:
        raise BadLine(f"not a grade: {text} (a whole number, 0 = not relevant)")
    return grade
