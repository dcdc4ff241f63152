"""Log in as an analyst, a writer and an administrator, and try what each must not do."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.sql.helpers import make_collection, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.helpers import Conn

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
DENIED = psycopg.errors.InsufficientPrivilege
NAMES = ("alice", "loader", "operator")


def made_logins(name: str = "alice") -> str:
    """The block of the page that makes a login."""
    text = PAGE.read_text(encoding="utf-8")
    (block,) = [
        b for b in re.findall(r"```sql\n(.*?)```", text, re.DOTALL) if f"CREATE ROLE {name} " in b
    ]
    return block


@pytest.fixture
def logins(db: Conn, db_url: str) -> Iterator[dict[str, str]]:
    """URLs by name; roles are the whole server's, so their names here are nobody else's."""
    make_collection(db)
    put(db, {"P1": {"title": "pump"}})
    suffix = secrets.token_hex(4)
    block = made_logins()
    for name in NAMES:
        block = block.replace(name, f"{name}_{suffix}")
    db.execute(block.encode(), prepare=False)
    names = {name: f"{name}_{suffix}" for name in NAMES}
    yield {name: make_conninfo(db_url, user=role) for name, role in names.items()}
    for role in names.values():
        db.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode(), prepare=False)


def test_an_analyst_reads_and_nothing_else(logins: dict[str, str]) -> None:
    with psycopg.connect(logins["alice"], autocommit=True) as conn:
        rows = conn.execute("SELECT external_id FROM search.items").fetchall()
        assert rows == [("P1",)]
        assert conn.execute("SHOW statement_timeout").fetchone() == ("30s",)
        conn.execute("SET statement_timeout = '100ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            conn.execute("SELECT pg_sleep(30)")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            conn.execute("DELETE FROM core.item")
        # That anybody may lift; what follows nobody can.
        conn.execute("SET default_transaction_read_only = off")
        for statement in (
            "UPDATE core.item SET fields = '{}'",
            "DELETE FROM core.item",
            "INSERT INTO eval.query_set (name) VALUES ('x')",
            "SELECT ops.upsert_items('parts', '[]')",
            "SELECT ops.create_key('x', 'abcdefgh', decode(repeat('00', 32), 'hex'), 'admin')",
            "SELECT * FROM ops.api_key",
            "SELECT * FROM ops.fingerprints()",
            "CREATE TABLE public.mine ()",
            "CREATE SCHEMA mine",
            "ALTER ROLE CURRENT_USER CREATEROLE",
            "SET ROLE seogo_admin",
            "COPY core.item TO PROGRAM 'cat'",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
        ):
            with pytest.raises(DENIED):
                conn.execute(statement.encode())


def test_a_writer_writes_items_and_changes_no_settings(logins: dict[str, str]) -> None:
    with psycopg.connect(logins["loader"], autocommit=True) as conn:
        put(conn, {"P2": {"title": "valve"}})
        assert conn.execute("DELETE FROM core.item WHERE external_id = 'P2'").rowcount == 1
        for statement in (
            "SELECT ops.create_collection('x')",
            "UPDATE core.collection SET name = 'x'",
            "DELETE FROM core.collection",
            "TRUNCATE core.item CASCADE",
            "DROP TABLE core.item",
            "SELECT ops.create_key('x', 'abcdefgh', decode(repeat('00', 32), 'hex'), 'admin')",
            "SELECT * FROM ops.api_key",
            "UPDATE ops.space SET status = 'retired'",
            "ALTER TABLE core.item DISABLE TRIGGER ALL",
            "SET session_replication_role = replica",
            "SET ROLE seogo_admin",
        ):
            with pytest.raises(DENIED):
                conn.execute(statement.encode())


def test_an_administrator_does_not_own_the_schema(logins: dict[str, str]) -> None:
    with psycopg.connect(logins["operator"], autocommit=True) as conn:
        conn.execute("SELECT ops.create_collection('more')")
        conn.execute(
            "SELECT ops.create_key('x', 'abcdefgh', decode(repeat('00', 32), 'hex'), 'reader')"
        )
        for statement in (
            "DROP TABLE core.item",
            "DROP SCHEMA search CASCADE",
            "CREATE TRIGGER mine BEFORE INSERT ON core.item EXECUTE FUNCTION mine()",
            "ALTER TABLE core.item DISABLE TRIGGER ALL",
            "CREATE OR REPLACE FUNCTION search.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "ALTER SYSTEM SET work_mem = '1MB'",
            "CREATE ROLE another",
            "COPY core.item TO PROGRAM 'cat'",
        ):
            with pytest.raises(DENIED):
                conn.execute(statement.encode())


@pytest.fixture
def confined(db: Conn, db_url: str) -> Iterator[str]:
    """URL of a login for the collection parts, made as the page says."""
    make_collection(db)
    make_collection(db, "secrets")
    put(db, {"P1": {"title": "pump"}}, metadata={"P1": {"maker": "SMC"}})
    put(db, {"S1": {"title": "secret pump"}}, "secrets", metadata={"S1": {"maker": "SMC"}})
    name = f"bob_{secrets.token_hex(4)}"
    db.execute(re.sub(r"\bbob\b", name, made_logins("bob")).encode(), prepare=False)
    yield make_conninfo(db_url, user=name)
    db.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode(), prepare=False)


def test_a_login_for_one_collection_sees_no_other(confined: str) -> None:
    with psycopg.connect(confined, autocommit=True) as conn:
        for collections in ("", "secrets", "parts,secrets"):
            conn.execute("SELECT set_config('seogo.collections', %s, false)", (collections,))
            if "parts" in collections or not collections:
                hits = conn.execute("SELECT * FROM parts_only.hybrid('secret pump')").fetchall()
                assert [hit[0] for hit in hits] == [1]
            # The view's condition comes before any of the login's own, which could tell what it sees.
            told = (
                "SELECT external_id FROM parts_only.items WHERE 1 / (external_id <> 'S1')::int = 1"
            )
            assert set(conn.execute(told.encode()).fetchall()) <= {("P1",)}
        for statement in (
            "SELECT * FROM core.item",
            "SELECT * FROM search.items",
            "SELECT * FROM core.identifier",
            "SELECT * FROM core.posting",
            "SELECT * FROM search.lexical('secrets', 'pump')",
            "SELECT impl.parse_filter('$.a == 1')",
            "CREATE FUNCTION parts_only.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE OR REPLACE VIEW parts_only.items AS SELECT 1 AS x",
        ):
            with pytest.raises(DENIED):
                conn.execute(statement.encode())


def test_a_reader_that_sets_the_scope_of_keys_sees_all_collections(logins: dict[str, str]) -> None:
    """As the page says: it is no limit for logins."""
    with psycopg.connect(logins["alice"], autocommit=True) as conn:
        conn.execute("SET seogo.collections = 'nothing'")
        assert conn.execute("SELECT external_id FROM core.item").fetchall() == [("P1",)]
