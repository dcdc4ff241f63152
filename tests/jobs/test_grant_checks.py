"""`seogo db check` fails on rights that undo what the roles promise, and says how to take them back."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from db import migrate
from db.calls.query import fetch
from db.operations.grants import dangers, grant_checks
from jobs.doctor import database_checks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.helpers import Conn


@pytest.fixture
def reader(db: Conn) -> Iterator[str]:
    """A login in seogo_reader."""
    name = f"seogo_test_{secrets.token_hex(4)}"
    db.execute(f"CREATE ROLE {name} LOGIN IN ROLE seogo_reader".encode())
    yield name
    db.execute(f"DROP OWNED BY {name} CASCADE".encode())
    db.execute(f"DROP ROLE {name}".encode())


def test_a_fresh_database_has_no_dangerous_grants(db: Conn, reader: str) -> None:
    assert fetch(db, dangers()) == []
    assert [(c.name, c.state) for c in grant_checks(db)] == [("grants", "ok")]


@pytest.mark.parametrize(
    ("grant", "told"),
    [
        ("CREATE ON SCHEMA public TO PUBLIC", "PUBLIC may create in schema public"),
        ("CREATE ON SCHEMA public TO {reader}", "{reader} may create in schema public"),
        ("CREATE ON SCHEMA public TO seogo_writer", "seogo_writer may create in schema public"),
        ("CREATE ON SCHEMA search TO seogo_admin", "seogo_admin may create in schema search"),
        ("INSERT ON core.item TO seogo_reader", "seogo_reader may insert core.item"),
        ("UPDATE ON ops.space TO {reader}", "{reader} may update ops.space"),
        ("TRIGGER ON eval.judgment TO seogo_writer", "seogo_writer may trigger eval.judgment"),
        ("TRIGGER ON core.item TO seogo_admin", "seogo_admin may trigger core.item"),
        ("SELECT ON core.item TO PUBLIC", "PUBLIC may select core.item"),
        ("SELECT ON ops.api_key TO seogo_reader", "seogo_reader may select ops.api_key"),
        ("SELECT ON ops.api_key TO seogo_writer", "seogo_writer may select ops.api_key"),
        ("SELECT ON ops.query_vector TO {reader}", "{reader} may select ops.query_vector"),
        (
            "EXECUTE ON FUNCTION ops.create_key TO seogo_reader",
            "seogo_reader may execute ops.create_key",
        ),
        (
            "EXECUTE ON FUNCTION impl.item_after_truncate TO {reader}",
            "{reader} may execute impl.item_after_truncate",
        ),
        ("pg_write_all_data TO seogo_reader", "seogo_reader may act as pg_write_all_data"),
        ("pg_execute_server_program TO seogo_admin", "seogo_admin may act as pg_execute"),
    ],
)
def test_a_dangerous_grant_fails_and_can_be_undone(
    db: Conn, reader: str, grant: str, told: str
) -> None:
    grant = grant.format(reader=reader)
    db.execute(f"GRANT {grant}".encode())
    try:
        found = [c for c in database_checks(db) if c.name == "grants"]
        for each in found:
            if each.todo.startswith("REVOKE"):
                db.execute(each.todo.encode())
    except BaseException:  # some of these grants are the whole server's
        db.execute(f"REVOKE {grant.replace(' TO ', ' FROM ')}".encode())
        raise
    assert {c.state for c in found} == {"fail"}
    assert any(c.detail.startswith(told.format(reader=reader)) for c in found), found
    assert fetch(db, dangers()) == []


def test_row_security_that_was_switched_off_is_seen(db: Conn) -> None:
    db.execute("ALTER TABLE core.collection DISABLE ROW LEVEL SECURITY")
    (found,) = grant_checks(db)
    assert "row security is off" in found.detail
    db.execute(found.todo.encode())
    assert fetch(db, dangers()) == []


def test_many_are_counted(db: Conn) -> None:
    db.execute("GRANT ALL ON ALL TABLES IN SCHEMA core TO seogo_reader")
    found = grant_checks(db)
    assert len(found) == 6
    assert found[-1].detail.startswith("and ")


def test_an_upgrade_leaves_no_dangerous_grants(db: Conn, db_url: str) -> None:
    db.execute("DROP FUNCTION impl.item_after_truncate CASCADE")
    migrate.upgrade(db_url)
    assert fetch(db, dangers()) == []
