"""Error log of a run as CSV: each query that lost an item, and the module that lost it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.evaluation import query_sets
from jobs.evaluation.texts import TEXTS, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from db.evaluation.proof import LostQuery
    from jobs.types import Conn

COLUMNS = (
    *("query", "question", "categories", "module", "cause", "cause_ko", "item", "title", "grade"),
    *("relevant", "found", "rank", "fused_rank", "nearest_leg", "nearest_rank"),
)


def write(conn: Conn, path: Path, rows: Sequence[LostQuery], collection: str) -> None:
    """Write rows of `eval.error_log`; columns `rank_LEG` have the rank that each leg gave the item."""
    legs = sorted({leg for row in rows for leg in row.legs or {}})
    ids = [row.external_id for row in rows]
    titles = {
        row.external_id: row.title
        for row in fetch(conn, query_sets.titles(collection=collection, external_ids=ids))
    }
    # Spreadsheet programs take a UTF-8 file for something else without the mark.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow([*COLUMNS, *(f"rank_{leg}" for leg in legs)])
        for row in rows:
            given = row.legs or {}
            sheet.writerow([*_cells(row, titles), *(given.get(leg) for leg in legs)])


def _cells(row: LostQuery, titles: dict[str, str]) -> list[object]:
    return [
        row.query,
        row.question,
        "; ".join(row.categories),
        row.verdict,
        *TEXTS[VERDICTS.get(row.verdict, row.verdict)],
        row.external_id,
        titles.get(row.external_id, ""),
        row.grade,
        row.relevant,
        row.found,
        row.rank,
        row.fused_rank,
        row.leg,
        row.leg_rank,
    ]
