"""`seogo serve`: its port is its own, and what dies below it gets up again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from db.server import embedded, postmaster
from jobs.errors import JobError
from jobs.ports import reserved
from tests.jobs.support import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

SEOGO = Path(sys.executable).with_name("seogo")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    """What shares its port with whoever else says so, as servers of several processes do."""
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen()
    return listener


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost", "::"])
@pytest.mark.parametrize("other", ["127.0.0.1", "0.0.0.0", "::1", "::"])
def test_a_port_that_somebody_listens_on_is_refused(host: str, other: str) -> None:
    port = free_port()
    family = socket.AF_INET6 if ":" in other else socket.AF_INET
    try:
        listener = listening(family, other, port)
    except OSError:
        pytest.skip("no IPv6 here")
    with closing(listener), pytest.raises(JobError, match=f"port {port}"), reserved(host, port):
        pass


def test_two_services_that_start_at_once_are_told_apart() -> None:
    port = free_port()
    both = (reserved("127.0.0.1", port), reserved("127.0.0.1", port))
    with both[0], pytest.raises(JobError, match="seogo serve"), both[1]:
        pass
    with reserved("127.0.0.1", port):  # and it is free again afterwards
        pass


def test_a_port_whose_last_connections_linger_is_free() -> None:
    listener = listening(socket.AF_INET, "127.0.0.1", port := free_port())
    with closing(listener), closing(socket.create_connection(("127.0.0.1", port))):
        served, _ = listener.accept()
        served.close()  # the server's side ends first, and waits
    with reserved("127.0.0.1", port):
        pass


@contextmanager
def serving(port: int, **settings: str) -> Iterator[subprocess.Popen[str]]:
    plain = {k: v for k, v in os.environ.items() if not k.startswith("SEOGO_")}
    more = {"SEOGO_TEXT_ENCODER": "dummy", "SEOGO_PRELOAD": "false"}
    process = subprocess.Popen(
        [SEOGO, "serve", "--port", str(port)],
        env=plain | more | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def status(port: int, path: str) -> int | None:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=10).status_code
    except httpx.HTTPError:
        return None


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="seogo-serve-"))
    yield folder
    embedded.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.db
def test_database_and_worker_get_up_again(home: Path) -> None:
    port = free_port()
    with serving(port, SEOGO_HOME=str(home)) as service:
        wait_until(lambda: status(port, "/collections") == 200)
        found = postmaster.read(home / "pgdata")
        assert found is not None
        os.kill(found.pid, signal.SIGKILL)
        wait_until(
            lambda: (now := postmaster.read(home / "pgdata")) is not None and now.pid != found.pid
        )
        wait_until(lambda: status(port, "/collections") == 200)
        (worker,) = [
            child
            for child in psutil.Process(service.pid).children()
            if "resource_tracker" not in " ".join(child.cmdline())
        ]
        worker.kill()
        wait_until(lambda: not postmaster.runs(worker.pid))
        wait_until(lambda: status(port, "/collections") == 200)
        # A second service, of whatever home, does not join in.
        other = subprocess.run(
            [SEOGO, "serve", "--port", str(port)],
            env={**os.environ, "SEOGO_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert other.returncode == 1
        assert f"port {port}" in other.stderr
        assert "Traceback" not in other.stderr
    with reserved("127.0.0.1", port):  # at once, whatever connections it had
        pass


def test_it_starts_before_its_database() -> None:
    port, nothing = free_port(), free_port()
    url = f"postgresql://postgres@127.0.0.1:{nothing}/seogo"
    with serving(port, SEOGO_DATABASE_URL=url) as service:
        wait_until(lambda: status(port, "/health") == 200)
        assert status(port, "/ready") == 503
        service.send_signal(signal.SIGINT)
        told, _ = service.communicate(timeout=60)
    assert "warning: cannot connect" in told
    assert "Traceback" not in told
