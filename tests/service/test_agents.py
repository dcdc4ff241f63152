"""An agent's session, by the protocol's own client: over HTTP with keys, and over standard streams."""

from __future__ import annotations

import json
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from db.settings import DbSettings
from encoders.settings import EncoderSettings
from service.agents.tools import READS
from service.app import create_app
from service.settings import ServiceSettings
from tests.service.conftest import make_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import psycopg

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def agent(db_url: str, models: Path, key: str = "", **database: Any) -> AsyncIterator[Client]:
    """An agent that talks to the application by HTTP."""
    app = create_app(
        ServiceSettings(preload=False),
        database=DbSettings(database_url=db_url, **database),
        encoders=EncoderSettings(models=str(models), threads=1),
        same_user=False,
    )
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx2.ASGITransport(app=cast("Any", app))
    async with (
        app.lifespan(),
        httpx2.AsyncClient(transport=transport, headers=headers) as http,
        Client(streamable_http_client("http://127.0.0.1/mcp", http_client=http)) as client,
    ):
        yield client


def text_of(content: object) -> str:
    """The text of a piece of an answer."""
    return str(content.text)  # type: ignore[attr-defined]


async def called(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Answer of a tool that works."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return cast("dict[str, Any]", result.structured_content)


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """Words of a tool that refuses."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return text_of(result.content[0])


async def test_a_session_finds_reads_and_cites(db_url: str, models: Path, parts: str) -> None:
    async with agent(db_url, models) as client:
        tools = (await client.list_tools()).tools
        assert {one.name for one in tools} == {
            *("search", "ask", "suggest", "phrase", "item", "similar"),
            *("collections", "facets", "coverage", "sql"),
        }
        assert all(one.description and one.annotations == READS for one in tools)
        (told,) = (await called(client, "collections"))["collections"]
        assert told["collection"] == parts
        found = await called(client, "search", collection=parts, query="진공 펌프", k=1)
        (hit,) = found["hits"]
        assert hit["external_id"] == "P-1"
        item = await called(client, "item", item_id=hit["item_id"], length=4)
        assert item["fields"]["body"] == "오일리스"[:4]
        assert item["lengths"] == {"title": 5, "body": 8}
        answered = await called(client, "ask", collection=parts, question="오일리스 저소음 펌프")
        assert answered["statements"][0]["text"] == "오일리스 저소음"
        filtered = await called(
            client, "search", collection=parts, filter="year:2020..", query="펌프"
        )
        assert [one["external_id"] for one in filtered["hits"]] == ["P-1"]
        assert (await called(client, "facets", collection=parts))["keys"] == []  # of three items
        makers = await called(client, "facets", collection=parts, key="maker")
        assert [(one["value"], one["items"]) for one in makers["facets"]["maker"]] == [
            ("SMC", 2),
            ("TPC", 1),
        ]
        assert (await called(client, "phrase", collection=parts, query="진공 펌프"))["hits"]
        assert "coverage" in await called(client, "coverage", collection=parts)
        about = await client.read_resource(f"seogo://collections/{parts}")
        assert json.loads(text_of(about.contents[0]))["collection"]["collection"] == parts
        prompt = await client.get_prompt(
            "find", {"collection": parts, "question": "소음이 적은 것"}
        )
        assert "소음이 적은 것" in text_of(prompt.messages[0].content)


async def test_what_is_refused_says_why_and_the_session_goes_on(
    db_url: str, models: Path, parts: str
) -> None:
    async with agent(db_url, models) as client:
        assert "other" in await refused(client, "search", collection="other", query="pump")
        wrong = await refused(client, "search", collection=parts, query="pump", filter="{")
        assert "filter" in wrong
        assert "SEOGO_ANALYST_URL" in await refused(client, "sql", query="SELECT 1")
        assert (await called(client, "search", collection=parts, query="pump"))["hits"]


async def test_an_agent_may_what_its_key_may(
    db: psycopg.Connection[Any], db_url: str, models: Path, parts: str
) -> None:
    db.execute("SELECT ops.create_collection('others')")
    key = make_key(db, scope="reader", collections=["others"])
    async with agent(db_url, models, str(key)) as client:
        (told,) = (await called(client, "collections"))["collections"]
        assert told["collection"] == "others"
        assert parts in await refused(client, "search", collection=parts, query="pump")
        assert "others" in await refused(client, "sql", query="SELECT 1")
    with pytest.raises((MCPError, httpx2.HTTPStatusError, ExceptionGroup)):
        async with agent(db_url, models, "wrong") as client:
            await client.list_tools()


async def test_sql_only_reads_however_it_is_written(
    db: psycopg.Connection[Any], db_url: str, models: Path, parts: str
) -> None:
    db.execute("DO $$ BEGIN CREATE ROLE seogo_test_analyst LOGIN IN ROLE seogo_reader;"
               " EXCEPTION WHEN duplicate_object THEN NULL; END $$")  # fmt: skip
    async with agent(db_url, models, analyst_url=db_url) as client:  # a superuser's
        assert "may do more than read" in await refused(client, "sql", query="SELECT 1")
    url = as_login(db_url, "seogo_test_analyst")
    async with agent(db_url, models, analyst_url=url) as client:
        rows = await called(
            client,
            "sql",
            query="SELECT external_id, metadata FROM core.item WHERE external_id LIKE 'P-%' ORDER BY 1",
            limit=2,
        )
        assert rows["columns"] == ["external_id", "metadata"]
        assert [row[0] for row in rows["rows"]] == ["P-1", "P-2"]
        assert rows["complete"] is False
        for statement in (
            "DELETE FROM core.item",
            "SELECT 1; DELETE FROM core.item",
            "SET ROLE seogo_admin",
            "SELECT * FROM ops.api_key",
            "COPY core.item TO PROGRAM 'true'",
            "SELECT set_config('transaction_read_only', 'off', true),"
            " query_to_xml('DELETE FROM core.item', true, true, '')",
            "SELEC 1",
        ):
            assert await refused(client, "sql", query=statement), statement
        assert db.execute("SELECT count(*) FROM core.item").fetchone() == (3,)


def as_login(url: str, name: str) -> str:
    from psycopg.conninfo import make_conninfo

    return make_conninfo(url, user=name, password=None)


async def test_a_program_may_start_it_and_talk_by_standard_streams(db_url: str, parts: str) -> None:
    environment = {
        **os.environ,
        "SEOGO_DATABASE_URL": db_url,
        "SEOGO_PRELOAD": "false",
        "SEOGO_TEXT_ENCODER": "dummy",
    }
    command = "from jobs.cli import main; main()"
    started = StdioServerParameters(
        command=sys.executable, args=["-c", command, "mcp"], env=environment
    )
    async with Client(started) as client:
        found = await called(client, "search", collection=parts, query="유압 실린더")
        assert found["hits"][0]["external_id"] == "P-3"
