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
items = statement("share", "items", Fate)
# How many items of a collection show a picture.
picture = statement("share", "picture", Count)
# How many items of a collection, queued since then, wait for a space.
waiting_items = statement("share", "waiting_items", Count)
# How many pictures of a collection, queued since then, wait for a reader.
waiting_pictures = statement("share", "waiting_pictures", Count)
