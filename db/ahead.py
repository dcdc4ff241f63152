"""Work of revision 0021 that is done before its transaction: new lexical indexes, built beside the old ones.

Analysing and indexing all items takes a minute or more for each million. Done within the upgrade's one
transaction, writers would wait for it, and a reader in the way of a lock would make all of it begin anew.
So it is done before, in steps of 16,000 items that are committed each: searches and writers go on with the
old index, and an upgrade that was interrupted goes on where it was. The transaction then only mends what
was written meanwhile, and drops the old index.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from db.sqlfiles import SqlFile, statements

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

FROM_REVISION = "0020"
STEP_ITEMS = 16_000
INDEXES = "50_items/lexical_indexes.sql"
# Functions that the index is built by: new ones, and such as keep their arguments and results.
FUNCTIONS = (
    "document_terms",
    "is_long",
    "lexeme_query",
    "lexeme_vector",
    "lexical_fields",
    "constant_vector",
    "like_dims",
    "add_documents",
    "add_postings",
    "chunk_part",
    "place_documents",
    "documents_with",
    "fills_chunk",
    "makes_chunk",
    "may_merge",
    "promote_terms",
    "promote_waiting",
    "needle",
    "occurrences",
    "has_parts",
    "term_parts",
    "term_frequency",
    "build_chunk",
    "extend_index",
)


def build(
    conn: psycopg.Connection[Any], files: list[SqlFile], on_step: Callable[[str, int], None]
) -> None:
    """Build the new lexical indexes of a database at revision 0020.

    Args:
        conn: autocommit, its search path as revisions see it; holds the lock of upgrades.
        files: the repeatable files as this database needs them.
        on_step: gets what is under way and how many items were indexed.
    """
    with conn.transaction():
        conn.execute(import_module("migrations.versions.0021_pre_chunks").TABLES, prepare=False)
        conn.execute("SET LOCAL check_function_bodies = off")
        for file in files:
            if file.path.startswith(("10_", "11_")) or file.object_name in _objects():
                conn.execute(file.text, prepare=False)
    on_step("indexing anew, beside the old index", 0)
    for (index_id,) in conn.execute(statements("upgrade")["live_indexes"]).fetchall():
        while True:
            step = conn.execute("SELECT impl.extend_index(%s, %s)", (index_id, STEP_ITEMS))
            row = step.fetchone()
            if row is None or not row[0]:
                break
            on_step("indexing anew, beside the old index", row[0])
    on_step("sorting lexemes", 0)
    (indexes,) = (file for file in files if file.path == INDEXES)
    conn.execute(indexes.text, prepare=False)


def _objects() -> set[str]:
    return {f"impl.{name}" for name in FUNCTIONS}
