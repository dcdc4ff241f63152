"""Items listed and taken away."""

from __future__ import annotations

from db.calls.query import Query
from db.items.items import Id
from db.rows import Item
from db.sqlfiles import statements


def listed(
    *,
    collection: str,
    limit: int,
    after: int = 0,
    filter: str | None = None,
    external_id: str | None = None,
) -> Query[Item]:
    """Items of a collection by ascending id, those behind `after`."""
    params = {
        "collection": collection,
        "limit": limit,
        "after": after,
        "filter": filter,
        "external_id": external_id,
    }
    return Query(statements("shelf")["listed"], params, Item)


def delete_item(*, item_id: int) -> Query[Id]:
    """Delete an item; its id, or no row where there was none."""
    return Query(statements("shelf")["delete"], {"item_id": item_id}, Id)
