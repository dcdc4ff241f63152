"""Reading of the citations between the items of a collection, batch after batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.items import articles
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from db.items.articles import CitationsRead


def read(conn: Conn, collection: str, on_citations: OnCount = silent) -> int:
    """Read who cites whom anew; how many citations there are. The role may write items.

    Raises:
        UnknownName: no such collection.
    """
    after, found = 0, 0
    while True:
        step: CitationsRead = fetch(
            conn, articles.read_citations(collection=collection, after_id=after)
        )[0]
        found += step.citations_n
        on_citations(found)
        if step.last_id is None:
            return found
        after = step.last_id
