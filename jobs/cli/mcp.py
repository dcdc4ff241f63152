"""`seogo mcp`: the tools of agents, by standard input and output."""

from __future__ import annotations

import asyncio
import sys
from importlib.util import find_spec
from pkgutil import resolve_name
from typing import Annotated

import typer

from db.errors import BadRequest
from jobs.cli.console import err


def mcp(
    url: Annotated[
        str | None,
        typer.Option(
            help="A running service that is asked, http://127.0.0.1:8000; its models are loaded already."
            " Without it the database is searched by this process."
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            envvar="SEOGO_KEY",
            help="API key that says what the agent may do; needed once there are keys.",
        ),
    ] = None,
) -> None:
    """Serve agents (Model Context Protocol): search, items, facets, SQL that only reads.

    An agent starts it. In the settings of Claude Desktop, Cursor and others:
    {"mcpServers": {"seogo": {"command": "seogo", "args": ["mcp"]}}}
    """
    if find_spec("mcp") is None:
        raise BadRequest("the library for agents is missing", "pip install 'seogo[mcp]'")
    if sys.stdin.isatty():
        err.print("waiting for an agent, which starts this command itself: seogo mcp --help")
    # Found by name: nothing here imports the service.
    asyncio.run(resolve_name("service.agents.streams:serve_streams")(url, key))
