"""Maintenance of lexical indexes, orphaned pictures and the query log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.errors import translated
from db.operations import lexical_index, readings
from db.search import query_log
from jobs.types import Conn, silent

if TYPE_CHECKING:
    from collections.abc import Callable

BUILD_ITEMS = 2000
TABLES = ("core.posting_block", "core.lexdoc", "core.segment")


class MaintenanceReport(msgspec.Struct):
    """Counts of a maintenance run."""

    built: list[str] = msgspec.field(default_factory=list)
    mended: int = 0
    looked: int = 0
    rewritten: int = 0
    dropped_pictures: int = 0
    forgotten_searches: int = 0


def run(conn: Conn, *, on_step: Callable[[str, int], None] = silent) -> MaintenanceReport:
    """Do all maintenance; short transactions, safe beside readers and writers, resumable.

    The connection's role owns the schema; `on_step` gets the step under way and how many things it took on.
    """
    report = MaintenanceReport()
    for index in fetch(conn, lexical_index.indexes()):
        if index.status == "building":
            _build(conn, index, on_step)
            report.built.append(index.collection)
        else:
            report.mended += fetch(conn, lexical_index.mend(index_id=index.id))[0].value or 0
        _merge(conn, index, report, on_step)
    report.dropped_pictures = fetch(conn, readings.drop_orphans())[0].n
    report.forgotten_searches = fetch(conn, query_log.forget_searches())[0].n
    if report.rewritten or report.built or report.mended:
        # Index-only scans of the posting blocks need the visibility map that VACUUM makes.
        with translated():
            for table in TABLES:
                on_step(f"vacuum {table}", 0)
                conn.execute(f"VACUUM (ANALYZE) {table}")
    return report


def _build(
    conn: Conn, index: lexical_index.LexicalIndex, on_step: Callable[[str, int], None]
) -> None:
    at: int | None = 0
    while at is not None:
        step = lexical_index.build_step(index_id=index.id, after_id=at, batch_n=BUILD_ITEMS)
        at = fetch(conn, step)[0].value
        on_step(f"build {index.collection}", BUILD_ITEMS)
    fetch(conn, lexical_index.swap(index_id=index.id))


def _merge(
    conn: Conn,
    index: lexical_index.LexicalIndex,
    report: MaintenanceReport,
    on_step: Callable[[str, int], None],
) -> None:
    while (step := fetch(conn, lexical_index.merge_step(index_id=index.id))[0]).looked:
        report.looked += step.looked
        report.rewritten += step.rewritten
        on_step(f"merge {index.collection}", step.looked)
    fetch(conn, lexical_index.merge_segments(index_id=index.id))
