"""A server of the Model Context Protocol over the HTTP API."""

import logging
from importlib.metadata import version
from typing import Any

from mcp.server.mcpserver import MCPServer

from service.agents import guidance, tools
from service.agents.api import Api

INSTRUCTIONS = (
    "Seogo searches collections of items with texts, pictures and metadata in PostgreSQL, Korean and"
    " English alike. Begin with `collections`, then `search`. Cite items by their external_id."
)


def build(api: Api) -> MCPServer[Any]:
    """A server whose tools ask an API."""
    root = logging.getLogger()
    handlers = list(root.handlers)
    server: MCPServer[Any] = MCPServer(
        "seogo",
        title="Seogo (서고)",
        instructions=INSTRUCTIONS,
        version=version("seogo"),
        subscriptions=False,
    )
    # The library makes a handler of its own for all lines of the process: each would be written twice.
    root.handlers[:] = handlers
    logging.getLogger("mcp").setLevel(logging.ERROR)
    tools.register(server, api)
    guidance.register(server, api)
    return server
