"""Items that wait for a caption of all their pictures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from db.calls.call import function, scalar, statement
from db.calls.query import Query
from db.calls.rows import Count, Done
from db.operations.readings import ClaimedPicture, Wanted


class ClaimedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item leased to a captioner.

    Attributes:
        item_id: the item.
        enqueued_at: which request for a caption it is.
        wanted: the prompt.
        about: its text.
        pictures: all of its pictures, those that are shown first in front.
        files: of the first of them, as many as were asked for.
        lacking: those that wait for captions of their own, leased as well, and which request that is.
    """

    item_id: int
    enqueued_at: datetime
    wanted: str
    about: str | None
    pictures: list[int]
    files: list[bytes]
    lacking: list[int]
    lacking_since: list[datetime]

    @property
    def singles(self) -> list[ClaimedPicture]:
        """Those that wait for captions of their own."""
        return [
            ClaimedPicture(picture_id=picture, enqueued_at=since)
            for picture, since in zip(self.lacking, self.lacking_since, strict=True)
        ]


claim = function("ops.claim_item_captions", ClaimedItem)
# How many items wait and could be claimed now.
due = statement("pictures", "due_items", Count)
wanted = statement("pictures", "wanted_items", Wanted)
# Return claimed items to the queue, as if they had not been claimed.
release = statement("pictures", "release_items", Count)
_failed = statement("pictures", "failed_item", Count)
_store = scalar("ops.store_item_caption", Done, json=("tried",))


def fail(claimed: ClaimedItem, error: str) -> Query[Count]:
    """Record why an item got no caption; it is tried again later, ever more rarely."""
    return _failed(item_id=claimed.item_id, claimed_at=claimed.enqueued_at, error=error)


def store(claimed: ClaimedItem, **caption: Any) -> Query[Done]:
    """Store the caption of an item, unless its pictures have changed since the claim.

    Args:
        claimed: the item.
        caption: other arguments of `ops.store_item_caption`.
    """
    return _store(of_item=claimed.item_id, claimed_at=claimed.enqueued_at, **caption)
