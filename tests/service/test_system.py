from __future__ import annotations

import io
import json
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from litestar.testing import TestClient
from psycopg.conninfo import make_conninfo

from db import logs
from db.settings import DbSettings
from service.app import create_app
from service.settings import ServiceSettings
from tests.service.conftest import FromHere

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.service.conftest import Cable, Client

SEARCH = "/collections/parts/search"
PROBLEM = "application/problem+json"


def wait_for(client: Client, status: int, within_s: float = 15.0) -> Any:
    """Ask until the answer has the status; every other one must be a proper 503."""
    deadline = time.monotonic() + within_s
    while (response := client.post(SEARCH, json={"query": "펌프"})).status_code != status:
        assert response.status_code == 503, response.text
        assert time.monotonic() < deadline, response.text
    return response


def test_health_and_ready(client: Client, dummy_space: int) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    response = client.get("/ready")
    assert response.status_code == 200
    assert [c["name"] for c in response.json()["checks"]] == ["database", "schema", "encoder:text"]


def test_not_ready_without_an_encoder(client: Client, db: psycopg.Connection[Any]) -> None:
    db.execute("SELECT ops.create_space('text', 'gone', 'gone@1', 32)")
    response = client.get("/ready")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    assert response.headers["content-type"] == PROBLEM
    assert response.json()["checks"][-1]["name"] == "encoder:text"
    assert "'gone'" in response.json()["detail"]


def test_not_ready_without_a_schema(make_client: Callable[..., Client], empty_db_url: str) -> None:
    client = make_client(empty_db_url)
    assert client.get("/health").status_code == 200
    response = client.get("/ready")
    assert response.status_code == 503
    assert "seogo db upgrade" in response.json()["detail"]
    response = client.get("/collections")
    assert response.status_code == 503
    assert response.json()["type"] == "urn:seogo:problem:schema-outdated"
    assert response.json()["hint"] == "run `seogo db upgrade`"


def test_not_ready_behind_a_newer_program(client: Client, db: psycopg.Connection[Any]) -> None:
    db.execute("UPDATE ops.sql_object SET sha256 = 'old' WHERE object = 'search.hybrid'")
    response = client.get("/ready")
    assert response.status_code == 503
    assert "search.hybrid.sql" in response.json()["detail"]


@pytest.mark.usefixtures("parts")
def test_starts_without_a_database_and_recovers(
    make_client: Callable[..., Client], cable: Cable, db_url: str
) -> None:
    url = make_conninfo(db_url, host="127.0.0.1", port=str(cable.port), password="sesame")
    client = make_client(url, pool_wait_s=0.3)
    response = client.post(SEARCH, json={"query": "펌프"})
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    assert response.headers["content-type"] == PROBLEM
    assert response.json()["type"] == "urn:seogo:problem:database-unavailable"
    assert "sesame" not in response.text
    assert str(cable.port) not in response.text
    assert client.get("/health").status_code == 200
    assert client.get("/").status_code == 200
    ready = client.get("/ready")
    assert ready.status_code == 503
    assert ready.json()["checks"][0]["name"] == "database"

    cable.plug()
    assert wait_for(client, 200).json()["hits"]
    assert client.get("/ready").status_code == 200
    cable.unplug()
    wait_for(client, 503)
    cable.plug()
    assert wait_for(client, 200).json()["hits"]


@pytest.mark.usefixtures("parts")
def test_recovers_when_its_connections_are_ended(
    client: Client, db: psycopg.Connection[Any]
) -> None:
    wait_for(client, 200)
    ended = db.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'seogo-service'"
    ).fetchall()
    assert ended
    wait_for(client, 200, within_s=5)


@pytest.mark.usefixtures("parts")
def test_a_query_that_takes_too_long(
    make_client: Callable[..., Client], db: psycopg.Connection[Any]
) -> None:
    client = make_client(statement_timeout_s=1)
    with db.transaction():
        db.execute("LOCK TABLE core.item")
        response = client.post(SEARCH, json={"query": "펌프"})
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    assert response.json()["type"] == "urn:seogo:problem:statement-timeout"
    wait_for(client, 200)


@pytest.mark.usefixtures("parts")
def test_our_own_mistakes_are_not_shown(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any) -> None:
        raise ZeroDivisionError("internals")

    monkeypatch.setattr("service.search.searcher.Searcher.search", broken)
    response = client.post(SEARCH, json={"query": "a"}, headers={"X-Request-ID": "abc-1"})
    assert response.status_code == 500
    assert response.headers["content-type"] == PROBLEM
    assert response.json()["request_id"] == "abc-1"
    assert "internals" not in response.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nope", 404), ("GET", "/items/x", 404), ("DELETE", "/collections", 405)],
)
def test_routing_errors_are_problems(client: Client, method: str, path: str, status: int) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == PROBLEM
    assert response.json()["status"] == status
    assert ("allow" in response.headers) == (status == 405)
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.usefixtures("parts")
def test_the_log_has_no_query(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="seogo"):
        given = client.post(SEARCH, json={"query": "SECRET"})
        client.get("/collections/parts/phrase?query=SECRET")
        forged = client.get("/a%0Ab", headers={"X-Request-ID": "not ok"})
    lines = [json.loads(logs.JsonLines().format(r)) for r in caplog.records]
    access = [line for line in lines if line["logger"] == "seogo.access"]
    assert access[0].keys() >= {"time", "level", "method", "path", "status", "ms", "key"}
    told = (access[0]["method"], access[0]["path"], access[0]["status"], access[0]["key"])
    assert told == ("POST", SEARCH, 200, "local")
    assert forged.headers["x-request-id"] != "not ok"
    assert (access[2]["path"], access[2]["status"]) == ("/a\nb", 404)
    assert given.headers["x-request-id"]
    assert not any("SECRET" in json.dumps(line) for line in lines)
    for record in caplog.records:
        assert "\n" not in logs.JsonLines().format(record)
        assert "\n" not in logs.PlainLines().format(record)


@pytest.mark.usefixtures("parts")
def test_log_lines_name_their_request(
    client: Client,
) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines())
    logging.getLogger("seogo").addHandler(handler)
    try:
        client.get("/nope", headers={"X-Request-ID": "mine"})
        client.get("/ready", headers={"X-Request-ID": "other"})
    finally:
        logging.getLogger("seogo").removeHandler(handler)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    access = [line["request_id"] for line in lines if line["logger"] == "seogo.access"]
    assert access == ["mine", "other"]


@pytest.mark.usefixtures("dummy_space")
def test_preloads_encoders(
    make_client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from encoders import registry

    built: list[str] = []
    build = registry.build

    def spy(*args: Any) -> Any:
        built.append(args[0].name)
        return build(*args)

    monkeypatch.setattr("encoders.registry.build", spy)
    make_client(preload=True)
    deadline = time.monotonic() + 60
    while not built and time.monotonic() < deadline:
        time.sleep(0.02)
    assert built == ["dummy"]


def test_the_embedded_database_is_upgraded_at_start(
    empty_db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.server.embedded.ensure", lambda _: empty_db_url)
    app = create_app(ServiceSettings(preload=False), database=DbSettings(), same_user=False)
    app.asgi_handler = FromHere(app.asgi_handler, "127.0.0.1")
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/collections").json() == []
        assert client.get("/ready").status_code == 200
