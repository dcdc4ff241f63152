"""Which of the work in the queues is a run's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.query import Count, Query
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from db.operations.readings import Kind


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """An item that was encoded or failed: whether its collection is the run's."""

    item_id: int
    own: bool
    failed: bool


def items(*, item_ids: Sequence[int], space_id: int, collection: str | None) -> Query[Fate]:
    """What became of items; without a collection all are own."""
    params = {"item_ids": list(item_ids), "space_id": space_id, "collection": collection}
    return Query(statements("share")["items"], params, Fate)


def picture(*, picture_id: int, collection: str) -> Query[Count]:
    """How many items of a collection show a picture."""
    params = {"picture_id": picture_id, "collection": collection}
    return Query(statements("share")["picture"], params, Count)


def waiting_items(*, space_id: int, collection: str, since: datetime) -> Query[Count]:
    """How many items of a collection wait for a space that were queued since then."""
    params = {"space_id": space_id, "collection": collection, "since": since}
    return Query(statements("share")["waiting_items"], params, Count)


def waiting_pictures(*, kind: Kind, collection: str, since: datetime) -> Query[Count]:
    """How many pictures of a collection wait for a reader that were queued since then."""
    params = {"kind": kind, "collection": collection, "since": since}
    return Query(statements("share")["waiting_pictures"], params, Count)
