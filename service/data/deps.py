"""Access to the database: as the service, as a caller, and the list of live spaces."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from litestar.di import Provide

from service.auth.callers import AnyRequest, caller_of
from service.data.database import CallersDatabase, Database
from service.data.own_server import keep_running
from service.data.spaces import LiveSpaces
from service.features import Context, Feature, background
from service.limits.lanes import Lanes


def feature(context: Context) -> Feature:
    """Build the way to the database; it is opened at start-up."""
    store = Database(context.database, context.settings.pool_wait_s, context.get(Lanes))

    def as_caller(request: AnyRequest) -> CallersDatabase:
        return CallersDatabase(store, caller_of(request.scope))

    return Feature(
        provides={
            "store": store,
            "database": Provide(as_caller, sync_to_thread=False),
            "live_spaces": LiveSpaces(store, context.settings.spaces_ttl_s),
        },
        lifespan=[_open(store), background(partial(keep_running, context.database))],
    )


@asynccontextmanager
async def _open(store: Database) -> AsyncGenerator[None, None]:
    await store.open()
    try:
        yield
    finally:
        await store.close()
