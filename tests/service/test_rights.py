"""In which role the database serves whom: nobody over HTTP is its owner."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import msgspec
import psycopg
import pytest

from db.calls.query import Query
from db.errors import SchemaOutdated
from db.settings import DbSettings
from service.auth.callers import LOCAL, Caller
from service.data.database import Database

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import LiteralString

    from db.calls.steps import Steps


class Role(msgspec.Struct):
    """Who PostgreSQL takes us for."""

    name: str
    superuser: bool


ROLE = Query(
    "SELECT r.rolname::text AS name, r.rolsuper AS superuser FROM pg_roles AS r"
    " WHERE r.rolname = current_user",
    {},
    Role,
)


def with_database(db_url: str, use: Callable[[Database], Awaitable[None]]) -> None:
    """Run something with the service's way to a database open."""

    async def opened() -> None:
        database = Database(DbSettings(database_url=db_url), wait_s=10)
        await database.open()
        try:
            await use(database)
        finally:
            await database.close()

    asyncio.run(opened())


def steps() -> Steps[list[Role]]:
    found: list[Role] = yield ROLE
    return found


@pytest.mark.parametrize("scope", ["local", "reader", "writer", "admin"])
def test_a_caller_has_the_role_of_its_scope(db_url: str, scope: Any) -> None:
    caller = LOCAL if scope == "local" else Caller(key_id=1, name="x", scope=scope)

    async def use(database: Database) -> None:
        role = [Role(f"seogo_{caller.scope}", superuser=False)]
        assert await database.fetch(ROLE, caller) == role
        assert await database.run(steps, caller) == role
        # And the connection is the service's own again.
        (own,) = await database.fetch(ROLE)
        assert not own.name.startswith("seogo_")

    with_database(db_url, use)


@pytest.mark.parametrize(
    "statement",
    ["DROP TABLE core.item", "SELECT pg_read_file('/etc/passwd')", "CREATE TABLE search.mine ()"],
)
def test_who_shows_no_key_does_nothing_that_takes_the_owner(
    db_url: str, statement: LiteralString
) -> None:
    async def use(database: Database) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await database.fetch(Query(statement, {}, Role), LOCAL)

    with_database(db_url, use)


def test_without_its_role_a_caller_is_not_served_as_the_owner(db_url: str) -> None:
    stranger = Caller(key_id=None, name="x", scope=cast("Any", "stranger"))

    async def use(database: Database) -> None:
        with pytest.raises(SchemaOutdated, match="in the role seogo_stranger") as caught:
            await database.fetch(ROLE, stranger)
        assert "seogo db check" in (caught.value.hint or "")
        with pytest.raises(SchemaOutdated):
            await database.run(steps, stranger)

    with_database(db_url, use)
