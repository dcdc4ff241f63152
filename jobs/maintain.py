"""Maintenance of lexical indexes, orphaned pictures, the query log and kept rankings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.errors import translated
from db.operations import lexical_index, readings
from db.search import listing, query_log
from jobs.types import Conn, silent

if TYPE_CHECKING:
    from collections.abc import Callable

# As many items as one chunk takes, so that an index that is built is one of chunks at once.
BUILD_ITEMS = 16_000
TABLES = (
    "core.document",
    "core.posting",
    "core.batch",
    "core.lexical_chunk",
    "core.lexical_vector",
)


class MaintenanceReport(msgspec.Struct):
    """Counts of a maintenance run.

    Attributes:
        built: collections whose index was built anew.
        busy: collections whose index somebody else was merging.
        merged: steps of merges by what they did, see `impl.merge_step`.
    """

    built: list[str] = msgspec.field(default_factory=list)
    busy: list[str] = msgspec.field(default_factory=list)
    merged: dict[str, int] = msgspec.field(default_factory=dict)
    mended: int = 0
    dropped_pictures: int = 0
    forgotten_searches: int = 0
    forgotten_rankings: int = 0


def run(
    conn: Conn, collection: str | None = None, *, on_step: Callable[[str, int], None] = silent
) -> MaintenanceReport:
    """Do all maintenance; short transactions, safe beside readers and writers, resumable.

    The connection's role owns the schema.

    Args:
        conn: autocommit.
        collection: only the lexical indexes of this one, as after a large import.
        on_step: gets the step under way and how many things it took on.
    """
    report = MaintenanceReport()
    with translated():
        # At another level a merge could not see what writers have made of the chunks.
        conn.execute("SET default_transaction_isolation = 'read committed'")
    for index in fetch(conn, lexical_index.indexes()):
        if collection in (None, index.collection):
            _keep_index(conn, index, report, on_step)
    if collection is None:
        fetch(conn, lexical_index.drop_leftovers())
        report.dropped_pictures = fetch(conn, readings.drop_orphans())[0].n
        report.forgotten_searches = fetch(conn, query_log.forget_searches())[0].n
        report.forgotten_rankings = fetch(conn, listing.forget_rankings())[0].n
        fetch(conn, listing.drop_unused_sort_keys())
    _vacuum(conn, report, on_step)
    return report


def _keep_index(
    conn: Conn,
    index: lexical_index.LexicalIndex,
    report: MaintenanceReport,
    on_step: Callable[[str, int], None],
) -> None:
    if index.status == "building":
        _build(conn, index, on_step)
        report.built.append(index.collection)
    else:
        report.mended += fetch(conn, lexical_index.mend(index_id=index.id))[0].value or 0
    _merge(conn, index, report, on_step)


def _vacuum(conn: Conn, report: MaintenanceReport, on_step: Callable[[str, int], None]) -> None:
    """Free the space of rows that were replaced, and sort new lexemes into their index.

    Index-only scans of postings and vectors need the visibility map that VACUUM makes.
    """
    if not (report.merged or report.built or report.mended):
        return
    with translated():
        for table in TABLES:
            on_step(f"vacuum {table}", 0)
            conn.execute(f"VACUUM (ANALYZE) {table}")


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
    while (step := fetch(conn, lexical_index.merge_step(index_id=index.id))[0]).action:
        if step.action == "busy":
            report.busy.append(index.collection)
            return
        report.merged[step.action] = report.merged.get(step.action, 0) + 1
        on_step(f"{step.action} {index.collection}", step.done or 0)
        if step.action == "rebuild":
            # The next chunk takes the space of those that this one has replaced.
            with translated():
                conn.execute("VACUUM core.lexical_vector")
