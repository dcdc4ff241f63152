"""Statements of analysts over HTTP."""

from typing import Annotated

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from msgspec import Meta, Struct

from service.agents.analysts import Analysts, Rows
from service.auth.callers import needs
from service.http.parameters import json_body
from service.http.responses import WITH_BODY


class SqlIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement that only reads, and how many of its rows are wanted."""

    query: Annotated[str, Meta(pattern=r"\S", max_length=20_000)]
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


SQL = Example(value={"query": "SELECT kind, count(*) FROM search.runs GROUP BY kind", "limit": 20})


class SqlController(Controller):
    """Statements that only read."""

    path = "/sql"
    tags = ("search",)
    opt = needs("reader", whole=True, cost=5)

    @post(
        "",
        operation_id="runSql",
        summary="Run a statement that only reads",
        status_code=200,
        responses=WITH_BODY,
    )
    async def run_sql(
        self, data: Annotated[SqlIn, json_body(SQL)], analysts: NamedDependency[Analysts]
    ) -> Rows:
        """One statement, by the login of `SEOGO_ANALYST_URL`, within the time limit of readers.

        Names are looked up in `search` and `core`. 404 where that login is not set.
        """
        return await analysts.read(data.query, data.limit)
