"""Statements of analysts, and the Model Context Protocol under /mcp where the extra `mcp` is installed."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any

from litestar import asgi, route
from litestar.enums import HttpMethod
from litestar.types import Receive, Scope, Send

from service.agents.analysts import Analysts
from service.agents.sql_controller import SqlController
from service.auth.callers import needs
from service.errors import NotOffered
from service.features import Context, Feature

PATH = "/mcp"


def feature(context: Context) -> Feature:
    """Build the login of analysts and the server; without the library, /mcp says how to get it."""
    provides = {"analysts": Analysts(context.database)}
    if find_spec("mcp") is None:
        return Feature(handlers=[SqlController, missing], provides=provides)
    from service.agents import serving

    sessions = serving.sessions()

    # Rates and turns are counted where the tools ask, so that a request is not counted twice.
    @asgi(PATH, opt=needs("reader", body="endless", cost=0), copy_scope=True)
    async def mcp(scope: Scope, receive: Receive, send: Send) -> None:
        await sessions.handle_request(scope, receive, send)  # type: ignore[arg-type]

    lifespan = [_running(sessions.run)]
    return Feature(handlers=[SqlController, mcp], provides=provides, lifespan=lifespan)


@asynccontextmanager
async def _running(run: Callable[[], Any]) -> AsyncGenerator[None, None]:
    async with run():
        yield


@route(
    PATH,
    http_method=[HttpMethod.GET, HttpMethod.POST],
    opt=needs("nothing"),
    include_in_schema=False,
)
async def missing() -> None:
    """Say that the library is missing."""
    raise NotOffered("agents are not served here", "pip install 'seogo[mcp]', and start again")
