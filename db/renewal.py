"""Work of an upgrade that is done behind its transaction: lexical indexes of older analyzers, built anew.

`impl.renew_indexes` has put an index to be built beside each. It is built in steps of 16,000 items that are
committed each, while searches and writers go on with the old one; then it takes its place. What was
interrupted goes on with the next `seogo db upgrade` or `seogo maintain`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.calls.query import fetch
from db.operations import lexical_index

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

STEP_ITEMS = 16_000  # as many as one chunk takes, so that the index is one of chunks at once


def build(
    conn: psycopg.Connection[Any],
    index: lexical_index.LexicalIndex,
    on_step: Callable[[str, int], None],
) -> None:
    """Build an index beside the live one of its collection, and let it take its place.

    Arguments as those of `fill`.
    """
    fill(conn, index, on_step)
    swap(conn, index)


def fill(
    conn: psycopg.Connection[Any],
    index: lexical_index.LexicalIndex,
    on_step: Callable[[str, int], None],
) -> None:
    """Build an index beside the live one of its collection, which stays in force.

    Args:
        conn: autocommit.
        index: one with the status `building`.
        on_step: gets what is under way and how many items a step takes on.
    """
    at: int | None = 0
    while at is not None:
        step = lexical_index.build_step(index_id=index.id, after_id=at, batch_n=STEP_ITEMS)
        at = fetch(conn, step)[0].value
        on_step(f"build {index.collection}", STEP_ITEMS)


def swap(conn: psycopg.Connection[Any], index: lexical_index.LexicalIndex) -> None:
    """Let an index that is filled take the place of the live one."""
    fetch(conn, lexical_index.swap(index_id=index.id))


def waiting(conn: psycopg.Connection[Any]) -> list[lexical_index.LexicalIndex]:
    """List the indexes that are to be built."""
    return [index for index in fetch(conn, lexical_index.indexes()) if index.status == "building"]
