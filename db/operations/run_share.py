"""A run's own share of the work in the queues."""

from __future__ import annotations

import msgspec

from db.calls.call import statement
from db.calls.rows import Count


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """An encoded or failed item: whether its collection is the run's."""

    item_id: int
    own: bool
    failed: bool


# Without a collection all are own.
items = statement("queues", "items", Fate)
# How many items of a collection show a picture.
picture = statement("queues", "picture", Count)
# How many items of a collection, queued since then, wait for a space.
waiting_items = statement("queues", "waiting_items", Count)
# How many pictures of a collection, queued since then, wait for a reader.
waiting_pictures = statement("queues", "waiting_pictures", Count)
