"""Real PostgreSQL for every test that touches data: a template built by the real upgrade, cloned per test.

The server is embedded and lives for the session, shared by all xdist workers; set
SEOGO_TEST_DATABASE_URL to use another one (its role must be allowed to create databases).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from pgvector.psycopg import register_vector
from psycopg import sql
from psycopg.conninfo import make_conninfo

from db import migrate
from db.server import embedded
from encoders import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME = "SEOGO_TEST_HOME"
EXTERNAL = "SEOGO_TEST_DATABASE_URL"
TEMPLATE = "seogo_test_template"
# Not for data that matters: a crash of the test server may lose it. A vacuum of its own accord would change
# plans in the middle of a test.
FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\n"


def pytest_configure(config: pytest.Config) -> None:
    """Choose the server's folder once; workers inherit it through the environment."""
    if not hasattr(config, "workerinput") and EXTERNAL not in os.environ:
        os.environ[HOME] = tempfile.mkdtemp(prefix="seogo-test-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the session's server and remove its data."""
    if not hasattr(config, "workerinput") and EXTERNAL not in os.environ:
        home = Path(os.environ.pop(HOME))
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def server_url() -> str:
    """URL of a database on the test server from which others can be made."""
    if external := os.environ.get(EXTERNAL):
        return external
    return embedded.ensure(Path(os.environ[HOME]), extra_config=FAST)


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """Name of a database brought up by the real upgrade."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(hashtext(%s))", (TEMPLATE,))
        there = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)).fetchone()
        if there and EXTERNAL in os.environ:
            conn.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(TEMPLATE)))
            there = None
        if not there:
            create_database(conn, TEMPLATE, "template0")
            migrate.upgrade(make_conninfo(server_url, dbname=TEMPLATE))
            # Whoever is connected to it keeps others from copying it.
            closed = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false")
            conn.execute(closed.format(sql.Identifier(TEMPLATE)))
    return TEMPLATE


def create_database(conn: psycopg.Connection[Any], name: str, template: str) -> None:
    """CREATE DATABASE name TEMPLATE template."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    conn.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


@contextmanager
def fresh_database(server_url: str, template: str) -> Iterator[str]:
    """URL of a copy of a database, which is dropped in the end."""
    name = f"seogo_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as conn:
        create_database(conn, name, template)
        try:
            yield make_conninfo(server_url, dbname=name)
        finally:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def db_url(server_url: str, template: str) -> Iterator[str]:
    """A fresh, upgraded database."""
    with fresh_database(server_url, template) as url:
        yield url


@pytest.fixture
def empty_db_url(server_url: str) -> Iterator[str]:
    """A fresh database with nothing in it."""
    with fresh_database(server_url, "template0") as url:
        yield url


@pytest.fixture
def db(db_url: str) -> Iterator[psycopg.Connection[Any]]:
    """An autocommit connection to the fresh database, pgvector's types adapted."""
    with psycopg.connect(db_url, autocommit=True) as conn:
        register_vector(conn)
        yield conn


@pytest.fixture
def dummy_space(db: psycopg.Connection[Any]) -> int:
    """The space `text`, live, made by the dummy encoder (32 dimensions)."""
    spec = registry.spec("dummy")
    row = db.execute(
        "SELECT ops.create_space('text', %s, %s, %s)", (spec.name, spec.identity, spec.dim)
    ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture(scope="session")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint with random weights, which know nothing."""
    pytest.importorskip("sentence_transformers", reason="the extra `models` is not installed")
    from tests.unit.encoders.hub import checkpoints

    made: Path = checkpoints.xlm_roberta(tmp_path_factory.mktemp("m") / "ce", labels=1)
    return made
