"""Events to read, and webhooks that they are posted to."""

from datetime import timedelta
from typing import Annotated

from litestar import Controller, delete, get, post, put
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, QueryParameter

from db.operations import webhooks
from db.operations.webhooks import Delivery, DeliveryState, Event, Webhook
from service.auth.callers import needs
from service.data.database import Db
from service.http.parameters import Limit, json_body
from service.http.responses import ONE, READING, WITH_BODY
from service.webhooks.schemas import (
    Replayed,
    ReplayIn,
    RotateIn,
    SecretOut,
    TestQueued,
    WebhookGone,
    WebhookIn,
    WebhookSet,
)

EXAMPLE = {
    "url": "https://mes.example/hook",
    "kinds": ["analysis.judged"],
    "filter": {"verdict": "defect"},
}
WebhookBody = Annotated[WebhookIn, json_body(Example(value=EXAMPLE))]
RotateBody = Annotated[RotateIn, json_body(Example(value={"grace_hours": 24}))]
ReplayBody = Annotated[ReplayIn, json_body(Example(summary="Dead letters", value={}))]
Before = Annotated[
    int | None, QueryParameter(ge=1, le=2**63 - 1, description="With `newest`: page by it.")
]
After = Annotated[int, QueryParameter(ge=0, le=2**63 - 1, description="The last `event_id` read.")]


class EventController(Controller):
    """Events name products, runs and files: they are for keys that see everything."""

    path = "/events"
    tags = ("webhooks",)
    opt = needs("reader", whole=True)

    @get(summary="List events", responses=READING)
    async def list_events(
        self,
        database: Db,
        after: After = 0,
        kind: FromQuery[str | None] = None,
        newest: FromQuery[bool] = False,
        before: Before = None,
        limit: Limit = 100,
    ) -> list[Event]:
        """In the order in which they were written; go on with `after`. `newest`: the newest first.

        An event of a long transaction may appear after others with higher ids.
        """
        if newest:
            newest_first = webhooks.newest_events(before=before, kind=kind, limit=limit)
            return await database.fetch(newest_first)
        return await database.fetch(webhooks.events(after=after, kind=kind, limit=limit))


class WebhookController(Controller):
    """Webhooks, for administrators: an address may hold a password of its own."""

    path = "/webhooks"
    tags = ("webhooks",)
    opt = needs("admin", whole=True)

    @get(summary="List webhooks", responses=READING)
    async def list_webhooks(self, database: Db) -> list[Webhook]:
        """Webhooks with how many events wait for each and how many are dead letters."""
        return await database.fetch(webhooks.webhooks())

    @put("/{webhook:str}", summary="Create or change a webhook", responses=WITH_BODY)
    async def put_webhook(
        self, webhook: FromPath[str], data: WebhookBody, database: Db
    ) -> WebhookSet:
        """The answer has the secret of a new one, this once."""
        made = webhooks.set_webhook(
            name=webhook, url=data.url, kinds=data.kinds, filter=data.filter
        )
        (found,) = await database.fetch(made)
        await database.fetch(webhooks.pause_webhook(name=webhook, paused=data.paused))
        (now,) = await database.fetch(webhooks.webhooks(webhook=webhook))
        return WebhookSet(webhook=now, secret=found.secret)

    @delete("/{webhook:str}", summary="Delete a webhook", status_code=200, responses=ONE)
    async def delete_webhook(self, webhook: FromPath[str], database: Db) -> WebhookGone:
        """Deletes its secrets and what waits for it as well."""
        (gone,) = await database.fetch(webhooks.delete_webhook(name=webhook))
        return WebhookGone(waited=gone.n)

    @post("/{webhook:str}/secret", summary="Make a new secret", responses=WITH_BODY)
    async def rotate_webhook_secret(
        self, webhook: FromPath[str], data: RotateBody, database: Db
    ) -> SecretOut:
        """Messages carry the signatures of both until the grace period is over."""
        grace = timedelta(hours=data.grace_hours)
        (made,) = await database.fetch(webhooks.rotate_secret(name=webhook, grace=grace))
        return SecretOut(secret=made.secret or "")

    @post("/{webhook:str}/test", summary="Send a test event", status_code=202, responses=ONE)
    async def test_webhook(self, webhook: FromPath[str], database: Db) -> TestQueued:
        """Queues an event of the kind `test` for this webhook alone."""
        (made,) = await database.fetch(webhooks.test_webhook(name=webhook))
        return TestQueued(event_id=made.id)

    @get("/{webhook:str}/deliveries", summary="List deliveries", responses=ONE)
    async def list_deliveries(
        self,
        webhook: FromPath[str],
        database: Db,
        status: FromQuery[DeliveryState | None] = None,
        limit: Limit = 100,
    ) -> list[Delivery]:
        """The latest first: waiting, delivered, or dead, which means given up."""
        return await database.fetch(webhooks.deliveries(webhook=webhook, state=status, limit=limit))

    @post(
        "/{webhook:str}/replay", summary="Send events again", status_code=202, responses=WITH_BODY
    )
    async def replay_events(
        self, webhook: FromPath[str], data: ReplayBody, database: Db
    ) -> Replayed:
        """Dead letters; or one event; or all since a time, also from before the webhook was made.

        They keep their message ids, so that receivers can drop what they have.
        """
        query = webhooks.replay(name=webhook, event_id=data.event_id, since=data.since)
        (found,) = await database.fetch(query)
        return Replayed(events=found.n)
