"""A real service with a worker, for the standard tests of frameworks: `make adapters`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from seogo_client import Seogo, SeogoError

ROOT = Path(__file__).parents[3]
PROGRAM = os.environ.get("SEOGO_PROGRAM", str(ROOT / ".venv" / "bin" / "seogo"))


@pytest.fixture(scope="session")
def service() -> Iterator[Seogo]:
    """A client of a service with a database and a worker of its own, or of that of SEOGO_TEST_URL."""
    if url := os.environ.get("SEOGO_TEST_URL"):
        with Seogo(url) as client:
            yield client
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = Path(tempfile.mkdtemp(prefix="seogo-"))
    home.chmod(0o755)  # the database of root runs as somebody else
    env = {**os.environ, "SEOGO_HOME": str(home), "SEOGO_TEXT_ENCODER": "dummy"}
    env["SEOGO_DATABASE_URL"] = subprocess.check_output(
        [PROGRAM, "db", "url"], env=env, text=True
    ).strip()
    subprocess.run([PROGRAM, "db", "upgrade"], env=env, check=True, stdout=subprocess.DEVNULL)
    quiet = {"env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [
        subprocess.Popen([PROGRAM, "serve", "--port", str(port)], **quiet),  # type: ignore[call-overload]
        subprocess.Popen([PROGRAM, "worker"], **quiet),  # type: ignore[call-overload]
    ]
    try:
        with Seogo(f"http://127.0.0.1:{port}") as client:
            _wait_ready(client)
            yield client
    finally:
        for process in started:
            process.terminate()
            process.wait(30)
        del env["SEOGO_DATABASE_URL"]
        subprocess.run([PROGRAM, "db", "stop"], env=env, check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(home, ignore_errors=True)


def _wait_ready(client: Seogo) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            client.call("ready")
        except SeogoError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the service does not start")


@pytest.fixture
def collection() -> str:
    """Name of a collection that is not there yet."""
    return f"c{uuid.uuid4().hex[:12]}"
