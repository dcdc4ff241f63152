"""A streaming replica answers searches; behind, or dead, the primary does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from litestar.testing import TestClient

from db import migrate
from db.settings import DbSettings
from encoders.settings import EncoderSettings
from service.app import create_app
from service.settings import ServiceSettings
from tests.jobs.support import wait_until
from tests.servers import Server, empty_server, new_server
from tests.service.conftest import FromHere
from tests.sql.helpers import make_collection, put

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.db

MAX_LAG_S = 1.0


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Server, Server]]:
    """A primary with a few items, and a streaming replica of it."""
    with new_server(config="wal_level = replica\n") as primary, empty_server() as replica:
        migrate.upgrade(primary.url())
        with psycopg.connect(primary.url(), autocommit=True) as conn:
            make_collection(conn)
            put(conn, {"P1": {"title": "vacuum pump"}})
        replica.copy(primary)
        replica.start()
        yield primary, replica


def serving(primary: Server, replica_url: str, models: Path) -> TestClient[Any]:
    """The service, not started yet, as its own machine sees it."""
    app = create_app(
        ServiceSettings(preload=False, spaces_ttl_s=0.0, pool_wait_s=5.0),
        database=DbSettings(
            database_url=primary.url(), replica_urls=replica_url, replica_max_lag_s=MAX_LAG_S
        ),
        encoders=EncoderSettings(models=str(models), threads=1),
        same_user=False,
    )
    app.asgi_handler = FromHere(app.asgi_handler, "127.0.0.1")
    return TestClient(app, base_url="http://127.0.0.1")


@pytest.fixture
def client(pair: tuple[Server, Server], tmp_path: Path) -> Iterator[TestClient[Any]]:
    primary, replica = pair
    with serving(primary, replica.url(), tmp_path) as started:
        yield started


def search(client: TestClient[Any], words: str) -> list[str]:
    answer = client.post("/collections/parts/search", json={"query": words})
    assert answer.status_code in (200, 201), answer.text
    return [hit["external_id"] for hit in answer.json()["hits"]]


def asked(server: Server) -> int:
    """How many times the server has run a hybrid search for the service."""
    with psycopg.connect(server.url(), autocommit=True) as conn:
        row = conn.execute(
            "SELECT calls FROM pg_stat_user_functions WHERE schemaname = 'search' AND funcname = 'hybrid'"
        ).fetchone()
    return 0 if row is None else int(row[0])


def lag(client: TestClient[Any]) -> str:
    lines = client.get("/metrics").text.splitlines()
    (found,) = [line for line in lines if line.startswith("seogo_replica_lag_seconds{")]
    return found.split()[-1]


def test_searches_go_to_the_replica_and_writes_to_the_primary(
    pair: tuple[Server, Server], client: TestClient[Any]
) -> None:
    primary, replica = pair
    start, sent = asked(primary) + asked(replica), 0

    def answered_by_replica() -> bool:
        nonlocal sent
        sent += 1
        return search(client, "pump") == ["P1"] and asked(replica) > 0

    def all_counted() -> bool:
        """Servers count a call some seconds after it."""
        return asked(primary) + asked(replica) >= start + sent

    wait_until(answered_by_replica)
    wait_until(all_counted)
    before = asked(primary)
    for _ in range(5):
        sent += 1
        assert search(client, "pump") == ["P1"]
    wait_until(all_counted)
    assert asked(primary) == before
    item = {"external_id": "P2", "fields": {"title": "turbo blower"}, "metadata": {}}
    stored = client.post("/collections/parts/items", json={"items": [item]})
    assert stored.status_code < 300, stored.text
    wait_until(lambda: search(client, "blower") == ["P2"])
    with (
        psycopg.connect(replica.url()) as conn,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        conn.execute("DELETE FROM core.item")


def test_a_replica_that_is_behind_is_not_asked(
    pair: tuple[Server, Server], client: TestClient[Any]
) -> None:
    primary, replica = pair
    wait_until(lambda: search(client, "pump") and asked(replica) > 0)
    with psycopg.connect(replica.url(), autocommit=True) as conn:
        conn.execute("SELECT pg_wal_replay_pause()")
        try:
            with psycopg.connect(primary.url(), autocommit=True) as other:
                put(other, {"P3": {"title": "gasket"}})
            # Found as soon as the replica is known to be behind, and not one search fails meanwhile.
            wait_until(lambda: search(client, "gasket") == ["P3"])
        finally:
            conn.execute("SELECT pg_wal_replay_resume()")


def test_searches_go_on_when_the_replica_dies_and_when_it_is_back(
    pair: tuple[Server, Server], client: TestClient[Any]
) -> None:
    primary, replica = pair
    wait_until(lambda: search(client, "pump") and asked(replica) > 0)
    replica.kill()
    for _ in range(5):
        assert search(client, "pump") == ["P1"]
    assert asked(primary) > 0
    replica.start()
    before = asked(replica)
    wait_until(lambda: search(client, "pump") == ["P1"] and asked(replica) > before)


def test_a_replica_answers_while_the_primary_is_gone(
    pair: tuple[Server, Server], client: TestClient[Any]
) -> None:
    primary, replica = pair
    wait_until(lambda: search(client, "pump") and asked(replica) > 0)
    primary.kill()
    try:
        for _ in range(3):
            assert search(client, "pump") == ["P1"]
    finally:
        primary.start()


def test_a_server_that_is_no_replica_is_never_asked(
    pair: tuple[Server, Server], tmp_path: Path
) -> None:
    primary, _ = pair
    with psycopg.connect(primary.url(), autocommit=True) as conn:
        conn.execute("CREATE DATABASE not_a_replica")
    with serving(primary, primary.url("not_a_replica"), tmp_path) as client:
        assert search(client, "pump") == ["P1"]
        wait_until(lambda: lag(client) == "+Inf")
