"""An encrypted connection, the server's certificate checked; the wheel's server has no TLS."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db import connect
from db.calls.query import fetch
from db.errors import ServerUnreachable
from db.operations import check
from db.settings import DbSettings
from tests.servers import Server, empty_server

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.db


def programs_with_tls() -> Path | None:
    """A folder of server programs that were built with OpenSSL, the newest."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    for path in found:
        config = subprocess.run(
            [path.with_name("pg_config"), "--configure"],
            capture_output=True,
            text=True,
            check=False,
        )
        if "--with-openssl" in config.stdout or "--with-ssl=openssl" in config.stdout:
            return path.parent
    return None


def certificate(folder: Path) -> Path:
    """Make a certificate for localhost that signs itself, and its key beside it."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "server.key"), "-out", str(folder / "server.crt")]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return folder / "server.crt"


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    programs = programs_with_tls()
    if programs is None or shutil.which("openssl") is None:
        pytest.skip("no PostgreSQL with TLS on this machine")
    root = certificate(tmp_path_factory.mktemp("tls"))
    with empty_server(programs=programs) as server:
        server.make("ssl = on\n")
        for name in ("server.crt", "server.key"):
            copy = server.data / name
            copy.write_bytes(root.with_name(name).read_bytes())
            copy.chmod(0o600)
            server.account.own(copy)
        server.start()
        yield server, root


def url_of(server: Server, host: str, root: Path) -> str:
    port = server.port
    return f"postgresql://postgres@{host}:{port}/postgres?sslmode=verify-full&sslrootcert={root}"


def test_a_certificate_that_is_the_servers_own_lets_us_in(encrypted: tuple[Server, Path]) -> None:
    server, root = encrypted
    settings = DbSettings(database_url=url_of(server, "localhost", root))
    with connect.session(settings, vectors=False) as conn:
        assert fetch(conn, check.facts())[0].encrypted
    with connect.open_connection(server.url() + "?sslmode=disable") as conn:
        found = fetch(conn, check.facts())[0]
        assert not found.encrypted
        assert check._encryption(found).state == "warn"


def test_a_certificate_of_somebody_else_does_not(
    encrypted: tuple[Server, Path], tmp_path: Path
) -> None:
    server, root = encrypted
    for url in (
        url_of(server, "127.0.0.1", root),
        url_of(server, "localhost", certificate(tmp_path)),
    ):
        with pytest.raises(ServerUnreachable, match=r"certificate"):
            connect.open_connection(url)
