"""What the roles may do, and may not."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from db import migrate
from db.calls.query import fetch
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import embed
from tests.sql.helpers import column, found, make_collection, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.helpers import Conn

DENIED = psycopg.errors.InsufficientPrivilege


@contextmanager
def acting_as(db: Conn, role: str) -> Iterator[None]:
    db.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    try:
        yield
    finally:
        db.execute("RESET ROLE")


@pytest.fixture
def ready(db: Conn, dummy_space: int) -> Conn:
    make_collection(db, vector_sources={"text": {"item": ["title"]}}, identifier_fields=["no"])
    put(db, {"P1": {"title": "vacuum pump", "no": "AB-1234"}, "P2": {"title": "valve"}})
    embed.run(db, fetch(db, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    return db


HYBRID = """
    SELECT i.external_id FROM search.hybrid('parts', 'pump AB1234', ARRAY[
        search.lexical_leg(), search.identifier_leg(),
        search.vector_leg('text', (SELECT vec FROM core.embedding ORDER BY item_id LIMIT 1))], 1, '{}') AS h
    JOIN search.items AS i USING (item_id)"""


@pytest.mark.parametrize("role", ["seogo_reader", "seogo_writer", "seogo_admin"])
def test_every_role_may_search_and_look(ready: Conn, role: str) -> None:
    with acting_as(ready, role):
        assert column(ready, HYBRID) == ["P1"]
        for view in ("collections", "coverage", "spaces", "items"):
            statement = sql.SQL("SELECT count(*) FROM search.{}").format(sql.Identifier(view))
            assert column(ready, statement)[0] > 0


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO core.item (collection_id, external_id) VALUES (1, 'x')",
        "UPDATE core.item SET fields = '{}'",
        "DELETE FROM core.item",
        "TRUNCATE core.item CASCADE",
        "DELETE FROM core.embedding",
        "DELETE FROM core.identifier",
        "UPDATE core.collection SET name = 'x'",
        "DELETE FROM ops.outbox",
        "UPDATE ops.space SET status = 'retired'",
        "SELECT ops.create_space('x', 'dummy', 'dummy@1', 32)",
        "SELECT ops.create_collection('x')",
        "SELECT ops.upsert_items('parts', '[]')",
        "SELECT * FROM ops.claim_batch(1, 1)",
        "CREATE TABLE search.mine ()",
        "CREATE OR REPLACE FUNCTION search.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_a_reader_writes_nothing(ready: Conn, statement: str) -> None:
    with acting_as(ready, "seogo_reader"), pytest.raises(DENIED):
        ready.execute(statement.encode())


def test_a_writer_writes_items_in_every_way(ready: Conn) -> None:
    ready.execute("DISCARD TEMP")  # a worker's own table, until now another role's
    with acting_as(ready, "seogo_writer"):
        put(ready, {"P3": {"title": "seal", "no": "CD-5678"}, "P1": {"title": "blower"}})
        ready.execute(
            "INSERT INTO core.item (collection_id, external_id, fields)"
            " VALUES (1, 'P4', '{\"title\": \"gasket\"}')"
        )
        ready.execute(
            "UPDATE core.item SET fields = '{\"title\": \"hose\"}' WHERE external_id = 'P2'"
        )
        assert sorted(found(ready, "blower seal gasket hose")) == ["P1", "P2", "P3", "P4"]
        ready.execute("DELETE FROM core.item WHERE external_id = 'P4'")
        assert found(ready, "gasket pump valve") == []
        space = fetch(ready, embedding.live_spaces())[0]
        report = embed.run(ready, space, DummyEncoder(registry.spec("dummy")))
        assert (report.stored, report.failed) == (3, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT ops.create_space('x', 'dummy', 'dummy@1', 32)",
        "SELECT ops.create_collection('x')",
        "DELETE FROM core.collection",
        "DROP FUNCTION search.hybrid",
    ],
)
def test_a_writer_changes_no_settings(ready: Conn, statement: str) -> None:
    with acting_as(ready, "seogo_writer"), pytest.raises(DENIED):
        ready.execute(statement.encode())


def test_nobody_else_may_search_or_look(ready: Conn) -> None:
    ready.execute("CREATE ROLE seogo_test_stranger")
    try:
        for statement in (
            HYBRID,
            "SELECT * FROM search.items",
            "SELECT ops.create_collection('x')",
        ):
            with acting_as(ready, "seogo_test_stranger"), pytest.raises(DENIED):
                ready.execute(statement.encode())
    finally:
        ready.execute("DROP ROLE seogo_test_stranger")


def test_a_view_made_anew_by_an_upgrade_is_granted_anew(ready: Conn, db_url: str) -> None:
    ready.execute("DROP VIEW search.spaces")
    migrate.upgrade(db_url)
    with acting_as(ready, "seogo_reader"):
        assert column(ready, "SELECT space FROM search.spaces") == ["text"]


def test_a_function_made_anew_by_an_upgrade_is_closed_anew(ready: Conn, db_url: str) -> None:
    ready.execute("DROP FUNCTION ops.create_space")
    migrate.upgrade(db_url)
    with acting_as(ready, "seogo_reader"), pytest.raises(DENIED):
        ready.execute("SELECT ops.create_space('x', 'dummy', 'dummy@1', 32)")
