"""Serving an agent by the standard streams of a process of its own."""

from service.agents.api import Api, Route, inside
from service.agents.server import build
from service.app import create_app

HERE = "127.0.0.1"


async def serve_streams(url: str | None, key: str | None) -> None:
    """Answer an agent that has started this process, until it closes our standard input.

    Args:
        url: of a running service that is asked; None: the application runs in this process.
        key: API key that says what the agent may do; needed once there are keys.
    """
    headers = {"authorization": f"Bearer {key}"} if key else {}
    if url is not None:
        await build(Api(lambda _ctx: Route(None, url, headers))).run_stdio_async()
        return
    # Whoever starts a process decides what it reads, so no socket is looked at.
    app = create_app(same_user=False)
    async with app.lifespan():
        route = inside(app, headers, (HERE, 0), HERE)
        await build(Api(lambda _ctx: route)).run_stdio_async()
