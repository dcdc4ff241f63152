"""Serving agents by HTTP, beside the API."""

from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings

from service.agents.api import Api, Route, inside
from service.agents.server import build


def sessions() -> StreamableHTTPSessionManager:
    """The part that answers agents who come by HTTP, while its `run` is entered.

    Any process may answer any request: nothing is remembered between two of them.
    """
    server = build(Api(_of_request))
    # Names of hosts and pages of other sites are looked at by the API, whom every tool asks.
    unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server.streamable_http_app(
        stateless_http=True, json_response=True, transport_security=unchecked
    )
    return server.session_manager


def _of_request(ctx: Context) -> Route:
    request: Any = ctx.request_context.request
    client = request.client
    return inside(
        request.scope["litestar_app"],
        request.headers,
        (client.host, client.port) if client else ("unknown", 0),
        request.headers.get("host", ""),
    )
