"""Maintenance of lexical indexes, vocabularies, suggestions, pictures, the query log and kept rankings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db import renewal
from db.calls.query import fetch
from db.errors import translated
from db.operations import lexical_index, readings
from db.search import listing, query_log
from db.spaces import embedding
from jobs import weights
from jobs.titles import keep_titles
from jobs.types import Conn, silent

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT_ITEMS = 5000
# Behind an import: more take minutes, and only corrections of mistyped words need them.
COUNT_AT_ONCE = 20_000
TABLES = (
    "core.document",
    "core.posting",
    "core.batch",
    "core.lexical_chunk",
    "core.lexical_vector",
    "core.word",
    "core.word_pair",
    "core.title",
    "core.completion",
)


class MaintenanceReport(msgspec.Struct):
    """Counts of a maintenance run.

    Attributes:
        built: collections whose index was built anew.
        busy: collections whose index somebody else was merging.
        merged: steps of merges by what they did, see `impl.merge_step`.
        counted: items whose words were counted for corrections.
        uncounted: others wait for the next maintenance of all collections.
        titled: collections whose titles were read anew.
    """

    built: list[str] = msgspec.field(default_factory=list)
    busy: list[str] = msgspec.field(default_factory=list)
    merged: dict[str, int] = msgspec.field(default_factory=dict)
    mended: int = 0
    counted: int = 0
    uncounted: bool = False
    titled: int = 0
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
            most = None if collection is None else COUNT_AT_ONCE
            count_words(conn, index.collection, report, on_step, most=most)
    report.titled = keep_titles(conn, collection, on_step)
    _merge_weights(conn, report, on_step)
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
        renewal.build(conn, index, on_step)
        report.built.append(index.collection)
        analyze(conn)
    else:
        report.mended += fetch(conn, lexical_index.mend(index_id=index.id))[0].value or 0
    _merge(conn, index, report, on_step)


def analyze(conn: Conn) -> None:
    """Gather statistics of what was just written: a merge planned without them takes many minutes."""
    with translated():
        for table in TABLES:
            conn.execute(f"ANALYZE {table}")


def _vacuum(conn: Conn, report: MaintenanceReport, on_step: Callable[[str, int], None]) -> None:
    """Free the space of rows that were replaced, and sort new lexemes into their index.

    Index-only scans of postings and vectors need the visibility map that VACUUM makes.
    """
    if not (report.merged or report.built or report.mended or report.counted or report.titled):
        return
    with translated():
        for table in TABLES:
            on_step(f"vacuum {table}", 0)
            conn.execute(f"VACUUM (ANALYZE) {table}")


def count_words(
    conn: Conn,
    collection: str,
    report: MaintenanceReport,
    on_step: Callable[[str, int], None] = silent,
    *,
    most: int | None = COUNT_AT_ONCE,
) -> None:
    """Count the words of new items for corrections, in short transactions.

    Args:
        conn: autocommit.
        collection: whose items.
        report: gets how many were counted, and whether others are left.
        on_step: gets the step under way and how many items it took on.
        most: items after which the rest is left; None: all.
    """
    step = lexical_index.vocabulary_step(collection=collection, batch_n=COUNT_ITEMS)
    while n := fetch(conn, step)[0].value:
        report.counted += n
        on_step(f"count words of {collection}", n)
        if most is not None and report.counted >= most:
            report.uncounted = True
            return


def _merge_weights(
    conn: Conn, report: MaintenanceReport, on_step: Callable[[str, int], None]
) -> None:
    for space in fetch(conn, embedding.active_spaces()):
        for action, n in weights.merge(conn, space).items():
            report.merged[action] = report.merged.get(action, 0) + n
            on_step(f"{action} {space.pinned}", n)


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
