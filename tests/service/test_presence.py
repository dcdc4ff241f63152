"""A service in a process of its own, with clients that leave, are silent, or mean harm."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest

from db.calls.query import fetch
from db.operations import keys, runs
from service.auth import sockets
from service.auth.sockets import NOBODY, owners
from tests.service.conftest import bearer, make_key, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Conn = psycopg.Connection[Any]

SEARCH = "/collections/parts/search"
BLOCKED = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = 'seogo-service' AND wait_event_type = 'Lock'"
)


@pytest.fixture
def url(db_url: str, models: Path, parts: str) -> Iterator[str]:
    """A service with few connections, on a collection of parts."""
    with serving(db_url, models, SEOGO_POOL_MAX="6") as found:
        yield found


@pytest.fixture
def locked(db_url: str) -> Iterator[None]:
    """Whoever asks for products waits."""
    with psycopg.connect(db_url) as conn:
        conn.execute("LOCK TABLE core.product IN ACCESS EXCLUSIVE MODE")
        yield


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def head(url: str, path: str, token: keys.Token) -> bytes:
    host = url.removeprefix("http://")
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
    ).encode()


def connected(url: str) -> socket.socket:
    host, _, port = url.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=60)


@pytest.mark.usefixtures("locked")
def test_a_statement_ends_when_its_client_has_left(url: str, db: Conn) -> None:
    token = make_key(db, "admin")
    with connected(url) as leaving:
        leaving.sendall(head(url, "/defects/products", token))
        until(lambda: db.execute(BLOCKED).fetchone() == (1,))
    until(lambda: db.execute(BLOCKED).fetchone() == (0,))
    assert httpx.get(f"{url}/collections", headers=bearer(token)).status_code == 200


@pytest.mark.usefixtures("locked")
def test_ten_readers_do_not_stop_another(url: str, db: Conn) -> None:
    hostile = [make_key(db) for _ in range(10)]
    other = make_key(db)
    stop = threading.Event()

    def ask(token: keys.Token) -> set[int]:
        seen = set()
        with httpx.Client(base_url=url, headers=bearer(token)) as client:
            while not stop.is_set():
                try:
                    seen.add(client.get("/defects/products", timeout=2).status_code)
                except httpx.TimeoutException:  # leaves, and comes back
                    continue
        return seen

    with ThreadPoolExecutor(30) as threads:
        asked = [threads.submit(ask, token) for token in hostile * 3]
        try:
            until(lambda: db.execute(BLOCKED).fetchone() != (0,))
            with httpx.Client(base_url=url, headers=bearer(other), timeout=60) as client:
                for _ in range(20):
                    assert client.post(SEARCH, json={"query": "펌프"}).status_code == 200
                    assert client.get("/ready").status_code == 200
                    assert client.get("/health").status_code == 200
        finally:
            stop.set()
    assert set().union(*(one.result() for one in asked)) <= {429, 503}


def test_events_end_with_the_key(url: str, db: Conn) -> None:
    token = make_key(db)
    run_id = fetch(db, runs.start(kind="ingest", args={}))[0].id
    path = f"{url}/runs/{run_id}/events"
    with httpx.stream("GET", path, headers=bearer(token), timeout=60) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: progress"
        fetch(db, keys.revoke_key(prefix=token.prefix))
        assert not any("event: end" in line for line in lines)
    assert httpx.get(path, headers=bearer(token)).status_code == 401


def test_a_key_watches_few_things_at_once(url: str, db: Conn) -> None:
    token, other = make_key(db), make_key(db)
    run_id = fetch(db, runs.start(kind="ingest", args={}))[0].id
    path = f"/runs/{run_id}/events"
    watching = [connected(url) for _ in range(9)]
    try:
        for one in watching:
            one.sendall(head(url, path, token))
        answers = [one.recv(12) for one in watching]
        assert sorted(answers) == [b"HTTP/1.1 200"] * 8 + [b"HTTP/1.1 429"]
        assert httpx.get(f"{url}/runs", headers=bearer(token)).status_code == 200
        with connected(url) as one:
            one.sendall(head(url, path, other))
            assert one.recv(12) == b"HTTP/1.1 200"
    finally:
        for one in watching:
            one.close()


def test_silent_connections_are_closed(url: str) -> None:
    silent = [connected(url) for _ in range(20)]
    silent[1].sendall(b"GET / HTTP/1.1\r\nHost:")
    try:
        assert httpx.get(f"{url}/health").status_code == 200
        assert [one.recv(1000)[9:12] for one in silent] in (
            [b"", b"408", *[b""] * 18],
            [b""] * 20,
        )
    finally:
        for one in silent:
            one.close()


# Byte for byte what proxies send to `proxy_pass http://127.0.0.1:8000` and the like.
PROXIED = {
    "nginx": b"GET /collections HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n",
    "apache": b"GET /collections HTTP/1.1\r\nHost: %s\r\nX-Forwarded-For: 192.168.1.7\r\n"
    b"X-Forwarded-Host: seogo.example\r\nX-Forwarded-Server: a\r\nConnection: Keep-Alive\r\n\r\n",
    "varnish": b"GET /collections HTTP/1.1\r\nHost: %s\r\nVia: 1.1 a (Varnish/7.1)\r\n"
    b"X-Varnish: 2\r\n\r\n",
    "haproxy": b"GET /collections HTTP/1.1\r\nhost: seogo.example\r\n\r\n",
    "squid": b"GET /collections HTTP/1.1\r\nHost: %s\r\nVia: 1.1 a (squid)\r\n"
    b"X-Forwarded-For: 192.168.1.7\r\nCache-Control: max-age=0\r\n\r\n",
}


@pytest.mark.parametrize("proxy", PROXIED)
def test_without_keys_nobody_behind_a_proxy_is_served(url: str, proxy: str) -> None:
    with connected(url) as one:
        request = PROXIED[proxy]
        one.sendall(request.replace(b"%s", url.removeprefix("http://").encode()))
        assert one.recv(1000).split(b"\r\n")[0].split()[1] == b"403"
    assert httpx.get(f"{url}/collections").status_code == 200


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0 or shutil.which("curl") is None,
    reason="only root may act as another account; it takes curl",
)
def test_without_keys_other_accounts_are_not_served(url: str) -> None:
    found = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"{url}/collections"],
        user="nobody",
        capture_output=True,
        check=False,
    )
    assert found.stdout == b"403"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
@pytest.mark.parametrize(
    ("family", "listen", "connect"),
    [
        (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
        (socket.AF_INET, "127.0.0.2", "127.0.0.2"),
        (socket.AF_INET6, "::1", "::1"),
        (socket.AF_INET6, "::", "::ffff:127.0.0.1"),
    ],
)
def test_linux_tells_whose_a_connection_is(
    family: socket.AddressFamily, listen: str, connect: str
) -> None:
    if family == socket.AF_INET6 and not socket.has_ipv6:
        pytest.skip("there is no IPv6")
    with socket.socket(family) as server:
        if listen == "::":
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            server.bind((listen, 0))
        except OSError:
            pytest.skip("there is no IPv6")
        server.listen()
        port = server.getsockname()[1]
        with socket.socket(family) as client:
            client.connect((connect, port))
            peer, (address, at, *_) = server.accept()
            with peer:
                for to in (connect, "0.0.0.0", "::"):  # asked for the one socket, and looked up
                    assert owners(address, at, to, port) == {os.geteuid()}
                    assert owners(address.removeprefix("::ffff:"), at, to, port) == {os.geteuid()}
                    assert owners(address, at, to, port + 1) == set()
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(sockets, "_TABLES", ())  # the kernel knows without them
                    assert owners(address, at, connect, port) == {os.geteuid()}
                client.close()
                for to in (connect, "::"):
                    assert owners(address, at, to, port) in ({NOBODY}, set())
