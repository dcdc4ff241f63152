"""Events, and webhooks that they are sent to."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from db.calls.call import function, procedure, scalar, statement
from db.calls.rows import Count, Done, Id

EventKind = Literal[
    "analysis.judged", "analysis.labelled", "run.finished", "job.failed", "drift.measured"
]
DeliveryState = Literal["waiting", "delivered", "dead"]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.events`."""

    event_id: int
    message_id: str
    kind: str
    data: dict[str, Any]
    at: datetime


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.webhooks`; `kinds` None: all, `error` the latest of what waits."""

    webhook: str
    url: str
    kinds: list[str] | None
    filter: dict[str, Any]
    paused: bool
    waiting: int
    dead: int
    delivered_at: datetime | None
    error: str | None
    created_at: datetime


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.deliveries`."""

    webhook: str
    event_id: int
    message_id: str
    kind: str
    at: datetime
    state: DeliveryState
    attempts: int
    status: int | None
    error: str | None
    next_attempt_at: datetime | None
    ended_at: datetime | None


class ClaimedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A message to post, with its signature: a row of `ops.claim_deliveries`."""

    webhook_id: int
    event_id: int
    webhook: str
    url: str
    message_id: str
    signed_at: int
    signature: str
    body: str


class Secret(msgspec.Struct, frozen=True):
    """The secret of a webhook as receivers keep it; None where the webhook existed."""

    secret: str | None


class DeliveryOutcome(msgspec.Struct, frozen=True):
    """The state of a delivery after an attempt; None where it is another worker's now."""

    state: DeliveryState | None


# In their order, those after one.
events = statement("runs", "events", Event, kind=None, after=0, limit=100)
# The newest first, those before one.
newest_events = statement("runs", "newest_events", Event, kind=None, before=None, limit=100)
webhooks = statement("runs", "webhooks", Webhook, webhook=None)
# The latest first.
deliveries = statement("runs", "deliveries", Delivery, webhook=None, state=None, limit=100)
# Whether an event could be claimed now.
deliveries_due = statement("runs", "deliveries_due", Done)

set_webhook = scalar("ops.set_webhook", Secret, json=("filter",))
rotate_secret = scalar("ops.rotate_webhook_secret", Secret)
pause_webhook = procedure("ops.pause_webhook")
# How many events waited.
delete_webhook = scalar("ops.delete_webhook", Count)
# The event's id.
test_webhook = scalar("ops.test_webhook", Id)
# How many are sent again.
replay = scalar("ops.replay_events", Count)
claim = function("ops.claim_deliveries", ClaimedDelivery)
finish = scalar("ops.finish_delivery", DeliveryOutcome)
# How many are gone.
forget_events = scalar("ops.forget_events", Count)
