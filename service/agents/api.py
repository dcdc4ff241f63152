"""Requests of an agent's tools to the HTTP API: what its key may do is checked there, once."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import httpx
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

# Re-encoding of a picture, a first load of a model: what an answer may take.
TIMEOUT_S = 120.0
# Of the agent's request to us, not of ours to the API.
_OWN = ("accept", "connection", "content-", "host", "mcp-", "transfer-encoding")


class Route(NamedTuple):
    """The way to the API.

    Attributes:
        transport: of the requests; None: by network.
        base: address of the API.
        headers: that say who asks: the key, and what an agent's own request came with.
    """

    transport: httpx.AsyncBaseTransport | None
    base: str
    headers: Mapping[str, str]


def inside(app: Any, headers: Mapping[str, str], client: tuple[str, int], host: str) -> Route:
    """The way to the application of this process, as whoever sent a request to it.

    Whatever the request came with goes along, so that what is refused there (proxies, other accounts,
    pages of other sites) is refused here.
    """
    kept = {name: value for name, value in headers.items() if not name.startswith(_OWN)}
    transport = httpx.ASGITransport(app=app, client=client, raise_app_exceptions=False)
    return Route(transport, f"http://{host}", kept)


class Api:
    """The HTTP API as tools ask it."""

    def __init__(self, route_of: Callable[[Context], Route]) -> None:
        """Set how the way to the API is found for a request of an agent."""
        self._route_of = route_of

    async def get(self, ctx: Context, path: str, **params: Any) -> Any:
        """Answer of a GET; parameters that are None are left out.

        Raises:
            ToolError: the API refuses, or does not answer; its words and its hint.
        """
        given = {name: value for name, value in params.items() if value is not None}
        return await self._ask(ctx, "GET", path, params=given)

    async def post(self, ctx: Context, path: str, **body: Any) -> Any:
        """Answer of a POST with a JSON body; keys that are None are left out.

        Raises:
            ToolError: see `get`.
        """
        given = {name: value for name, value in body.items() if value is not None}
        return await self._ask(ctx, "POST", path, json=given)

    async def _ask(self, ctx: Context, method: str, path: str, **content: Any) -> Any:
        route = self._route_of(ctx)
        try:
            async with httpx.AsyncClient(
                transport=route.transport,
                base_url=route.base,
                headers=dict(route.headers),
                timeout=TIMEOUT_S,
            ) as client:
                answer = await client.request(method, path, **content)
        except httpx.HTTPError as exc:
            raise ToolError(f"{route.base} does not answer: {type(exc).__name__}") from exc
        if answer.is_success:
            return answer.json()
        raise ToolError(_refusal(answer))


def _refusal(answer: httpx.Response) -> str:
    """The words of an error, with its hint and the fields that are wrong."""
    try:
        problem = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    wrong = [f"{one.get('path')}: {one.get('reason')}" for one in problem.get("errors") or []]
    told = [problem.get("detail") or problem.get("title"), *wrong, problem.get("hint")]
    return ". ".join(str(one).rstrip(".") for one in told if one)
