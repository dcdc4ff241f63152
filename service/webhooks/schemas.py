"""Requests and answers of webhooks."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from db.operations.webhooks import EventKind, Webhook

Kinds = Annotated[list[EventKind], Meta(min_length=1)]


class WebhookIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A webhook; `kinds` null: all. `filter`: only events whose `data` contain it."""

    url: Annotated[
        str, Meta(pattern=r"^[hH][tT][tT][pP][sS]?://[^\s/?#@\\]+([/?#]\S*)?$", max_length=2000)
    ]
    kinds: Kinds | None = None
    filter: dict[str, Any] = {}
    paused: bool = False


class WebhookSet(Struct, frozen=True, kw_only=True):
    """A webhook with the secret of a new one: shown this once; null where it existed."""

    webhook: Webhook
    secret: str | None


class RotateIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request for a new secret; the old one signs on for some hours."""

    grace_hours: Annotated[float, Meta(ge=0, le=87_600)] = 24


class SecretOut(Struct, frozen=True, kw_only=True):
    """A secret, shown this once."""

    secret: str


class ReplayIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to send again: dead letters; or one event; or all `since` a time."""

    event_id: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None
    since: Annotated[datetime, Meta(tz=True)] | None = None

    def __post_init__(self) -> None:
        """Refuse two ways at once."""
        if self.event_id is not None and self.since is not None:
            raise ValueError("`event_id` and `since` exclude each other")


class Replayed(Struct, frozen=True, kw_only=True):
    """The number of events that are sent again."""

    events: int


class TestQueued(Struct, frozen=True, kw_only=True):
    """The test event that a worker will send."""

    event_id: int


class WebhookGone(Struct, frozen=True, kw_only=True):
    """The number of events that waited for the deleted webhook."""

    waited: int
