"""Maintenance of suggestions: titles that wait to be read, counts that writers left apart, logged queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.search import suggestions

if TYPE_CHECKING:
    from collections.abc import Callable

    from jobs.types import Conn

# Half a second of work, for which writers of these items wait.
STEP_ITEMS = 2000


def keep_titles(conn: Conn, collection: str | None, on_step: Callable[[str, int], None]) -> int:
    """Bring the suggestions of all collections, or of one, up to date; resumable, in short transactions.

    Returns:
        The number of collections whose titles were read anew.
    """
    renewed = 0
    for one in fetch(conn, suggestions.collections()):
        if collection not in (None, one.collection):
            continue
        at: int | None = 0 if one.stale else None
        while at is not None:
            step = suggestions.titles_step(cid=one.id, after_id=at, batch_n=STEP_ITEMS)
            at = fetch(conn, step)[0].value
            on_step(f"titles {one.collection}", STEP_ITEMS)
        renewed += one.stale
        fetch(conn, suggestions.fold(cid=one.id))
        fetch(conn, suggestions.renew_queries(cid=one.id))
    return renewed
