"""Three real servers: a coordinator and two with shards, made once by copying the data folder of one."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest

from db import connect, migrate
from db.calls.query import fetch
from db.operations import shards
from encoders import registry
from tests.servers import Server, empty_server, new_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    Conn = psycopg.Connection[Any]

# Databases per server; those behind the first one are copies of it.
PLACES = (("one", "two", "three"), ("a", "d"), ("b", "c"))
SPEC = registry.spec("dummy")


class Trio(NamedTuple):
    """The server of coordinators, that of the shards a and d, that of b and c."""

    main: Server
    one: Server
    other: Server

    def url(self, database: str) -> str:
        """URL of one of the databases of `PLACES`."""
        at = next(n for n, names in enumerate(PLACES) if database in names)
        return self[at].url(database)

    @contextmanager
    def on(self, database: str) -> Iterator[Conn]:
        """An autocommit connection as programs open it."""
        with connect.open_connection(self.url(database), autocommit=True) as conn:
            connect.register_or_explain(conn)
            yield conn

    def enroll(self, coordinator: str, names: str) -> None:
        """Add shards to a coordinator, and make the space there."""
        with self.on(coordinator) as conn:
            for name in names:
                fetch(conn, shards.add_shard(name=name, url=self.url(name)))
            made = (SPEC.name, SPEC.identity, SPEC.dim)
            conn.execute("SELECT ops.create_space('text', %s, %s, %s)", made)


@pytest.fixture(scope="session")
def trio() -> Iterator[Trio]:
    """The servers, with the shards a, b and c known to the coordinator `one`."""
    with ExitStack() as stack:
        first = stack.enter_context(new_server())
        migrate.upgrade(first.url())
        first.stop("fast")
        servers = [first, *(stack.enter_context(empty_server()) for _ in PLACES[1:])]
        for server in servers[1:]:
            server.clone(first)
        for server, (name, *more) in zip(servers, PLACES, strict=True):
            server.start()
            with psycopg.connect(server.url("template1"), autocommit=True) as conn:
                for database in (name, *more):
                    conn.execute(f'CREATE DATABASE "{database}" TEMPLATE postgres'.encode())
        found = Trio(*servers)
        found.enroll("one", "abc")
        yield found


@pytest.fixture
def main(trio: Trio) -> Iterator[Conn]:
    """A connection to the coordinator."""
    with trio.on("one") as conn:
        yield conn
