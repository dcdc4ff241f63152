"""The webhook stage: delivers events to the receivers that ask for them, at least once each."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.operations import webhooks
from jobs.stages.posting import Poster
from jobs.stages.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.operations.webhooks import ClaimedDelivery
    from jobs.stages.posting import Posted
    from jobs.stages.progress import Meter
    from jobs.stages.settings import WorkerSettings
    from jobs.types import Conn

log = logging.getLogger("seogo.webhooks")


class WebhookStage(Stage):
    """Posts what is due, a batch side by side, and records each answer when it comes.

    What was posted and not yet recorded when the worker dies is posted again, under the same id.
    """

    key = "webhooks"

    def __init__(self, settings: WorkerSettings, meter: Meter) -> None:
        """Prepare; it opens no connection."""
        self._settings = settings
        self._meter = meter
        self._poster: Poster | None = None

    def step(self, conn: Conn) -> bool:
        """See `Stage`."""
        claimed = fetch(conn, webhooks.claim())
        if claimed:
            asyncio.run(self._deliver(conn, claimed))
        return bool(claimed)

    def due(self, conn: Conn) -> bool:
        """See `Stage`."""
        return fetch(conn, webhooks.deliveries_due())[0].done

    def release(self, conn: Conn) -> None:
        """See `Stage`."""
        if self._poster is not None:
            self._poster.close()
            self._poster = None

    async def _deliver(self, conn: Conn, claimed: Sequence[ClaimedDelivery]) -> None:
        self._poster = self._poster or Poster(self._settings)
        async for message, answer in self._poster.post_all(claimed):
            self._record(conn, message, answer)

    def _record(self, conn: Conn, message: ClaimedDelivery, answer: Posted) -> None:
        ids = {"webhook_id": message.webhook_id, "event_id": message.event_id}
        (after,) = fetch(conn, webhooks.finish(**ids, status=answer.status, error=answer.error))
        if answer.error is None:
            self._meter.count(done=1)
            return
        self._meter.count(failed=1)
        what = "given up" if after.state == "dead" else "tried again later"
        log.warning(
            "webhook %s: event %s: %s; %s", message.webhook, message.event_id, answer.error, what
        )
