"""Real PostgreSQL for every test that touches data: a template built by the real upgrade, cloned per test.

The server is embedded and lives for the session, shared by all xdist workers. SEOGO_TEST_POSTGRES=17 (or 16)
takes another major version in its place; SEOGO_TEST_DATABASE_URL a server of your own, whose role must be
allowed to create databases.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from pgvector.psycopg import register_vector
from psycopg import sql
from psycopg.conninfo import make_conninfo

from db import migrate
from db.server import datafolder, embedded
from encoders import registry
from tests import databases
from tests.databases import FAST, create_database, fresh_database

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME = "SEOGO_TEST_HOME"
EXTERNAL = "SEOGO_TEST_DATABASE_URL"
MAJOR = "SEOGO_TEST_POSTGRES"
TEMPLATE = "seogo_test_template"
# Two thousand copies of a database are a million small files, which most disks take their time for.
MEMORY, MEMORY_NEEDED = Path("/dev/shm"), 4 << 30
# What a test needs beside Python is told by the fixtures that it uses, directly or through others. A module
# that needs it without a fixture says so: `pytestmark = pytest.mark.model`.
FIXTURES = {
    "db": {"server_url"},
    "model": {
        "backbone",
        "cross_encoder",
        "e5",
        "folders",
        "model_cache",
        "plain_e5",
        "rapidocr",
        "tesseract_lines",
        "tiny",
    },
    "browser": {"browser"},
    "index": {"wheel"},
}
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
SERVERS = {"postgres", "initdb", "pg_ctl", "chromium", "chromium-browser", "google-chrome"}
HEAVY = {"torch", "transformers", "onnxruntime", "sentence_transformers", "paddle", "datasets"}


def excluded(config: pytest.Config) -> set[str]:
    """Markers that the option `-m` excludes."""
    return set(re.findall(r"\bnot (\w+)", config.option.markexpr)) & set(FIXTURES)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out, without importing it, a module that says that all its tests are excluded."""
    out = excluded(config)
    if not out or collection_path.suffix != ".py":
        return None
    said = re.search(
        r"^pytestmark = (\[[^]]*|.*)", collection_path.read_text(encoding="utf-8"), re.M
    )
    marks = set(re.findall(r"pytest\.mark\.(\w+)", said[1])) if said else set()
    return True if marks & out else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test with what it needs, before `-m` selects."""
    for item in items:
        for mark, fixtures in FIXTURES.items():
            if not fixtures.isdisjoint(getattr(item, "fixturenames", ())):
                item.add_marker(mark)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep the tests out of what Python looks through for garbage: that took a fifth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def refuse_servers(event: str, args: tuple[Any, ...]) -> None:
    """Audit hook: raise where a program of a server or a browser is about to be started."""
    if event == "subprocess.Popen":
        words = {Path(os.fsdecode(word)).name for word in args[1] if word}
        assert words.isdisjoint(SERVERS), f"mark this test: it starts {words & SERVERS}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail the test that loads a model library where tests with models are excluded."""
    there = HEAVY & sys.modules.keys()
    yield
    loaded = HEAVY & sys.modules.keys() - there
    if loaded and "model" in excluded(item.config):
        pytest.fail(f"mark this test `model`: it loads {sorted(loaded)}")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the server's folder once; workers inherit it through the environment."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        # Until the tests are collected all that is made stays: there is no garbage to look for.
        gc.disable()
    # A machine that does something else meanwhile is no fault of a strategy, nor of what is tested.
    patient = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("whole", **patient)
    settings.register_profile("quick", max_examples=20, **patient)
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("whole")
    if {"db", "browser"} <= excluded(config):
        sys.addaudithook(refuse_servers)
    if not hasattr(config, "workerinput"):
        prepare_workers()
        if MAJOR in os.environ:
            start_other_version(config)
        elif EXTERNAL not in os.environ:
            os.environ[HOME] = tempfile.mkdtemp(prefix="seogo-test-", dir=server_place())


def start_other_version(config: pytest.Config) -> None:
    """Start a server of the major version that was asked for; it is stopped with the session."""
    from tests.servers import new_server

    if EXTERNAL in os.environ:
        raise pytest.UsageError(f"set {MAJOR} or {EXTERNAL}, not both")
    if (major := os.environ[MAJOR]) not in {"16", "17", "18"}:
        raise pytest.UsageError(f"{MAJOR} is {major}: give 16, 17 or 18")
    stack = ExitStack()
    config.add_cleanup(stack.close)
    server = stack.enter_context(new_server(int(major), datafolder.CONFIG + FAST))
    os.environ[EXTERNAL] = server.url()


def prepare_workers() -> None:
    """Set the environment that workers, and the commands that tests run, inherit."""
    # Workers keep the cores busy already: threads of theirs would only wait for each other.
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    # Every command would compile every module anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def server_place() -> Path | None:
    """Folder in memory for the server, if there is one with enough room; None: the usual one."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED
    return MEMORY if roomy and os.access(MEMORY, os.W_OK) else None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the session's server and remove its data."""
    databases.close()
    if not hasattr(config, "workerinput") and HOME in os.environ:
        home = Path(os.environ.pop(HOME))
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def server_url() -> str:
    """URL of a database on the test server from which others can be made."""
    if external := os.environ.get(EXTERNAL):
        return external
    home = Path(os.environ[HOME])
    return embedded.ensure(home, extra_config=FAST + databases.copied_by_kernel(home))


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """Name of a database brought up by the real upgrade, its catalogs packed: they are what a copy costs."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(hashtext(%s))", (TEMPLATE,))
        there = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)).fetchone()
        # Of a session before this one, on a server that outlives them.
        if there and EXTERNAL in os.environ and MAJOR not in os.environ:
            conn.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(TEMPLATE)))
            there = None
        if not there:
            create_database(conn, TEMPLATE, "template0")
            url = make_conninfo(server_url, dbname=TEMPLATE)
            migrate.upgrade(url)
            with psycopg.connect(url, autocommit=True) as made:
                made.execute(
                    "VACUUM FULL pg_proc, pg_description, pg_depend, pg_attribute, pg_class"
                )
            # The first session of a database writes down what all begin with; every copy has it then.
            psycopg.connect(url).close()
            # Whoever is connected to it keeps others from copying it.
            closed = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false")
            conn.execute(closed.format(sql.Identifier(TEMPLATE)))
    return TEMPLATE


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


@pytest.fixture(scope="session")
def plain(server_url: str, template: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to one upgraded database for all tests that only call functions: it cannot write."""
    with (
        fresh_database(server_url, template) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        conn.execute("SET default_transaction_read_only = on")
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
