"""Creating a backup: pg_dump and fingerprints of one snapshot, then the manifest."""

from __future__ import annotations

import secrets
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec

from db import connect, migrate
from db.calls.query import fetch
from db.operations import backups
from db.server import programs
from jobs.backup.manifest import (
    ARCHIVE,
    MANIFEST,
    STAMP,
    BackupError,
    BackupManifest,
    prune,
    sha256_of,
)
from jobs.backup.store import PART, writing_lock
from jobs.types import Conn, OnStep, silent

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.backup.store import Store
    from jobs.types import Conn, OnStep, OnText


def create(url: str, store: Store, *, keep: int = 0, on_step: OnStep = silent) -> BackupManifest:
    """Back up a database while it is in use.

    Nothing counts until the manifest is there; interrupted at any point, what is left is listed as
    incomplete and removed by a later backup.

    The role of `url` must own the schema. Of complete backups `keep` stay, this one included; 0: all.

    Raises:
        BackupError: pg_dump failed, with its last words; the schema is not this program's.
        ProgramMissing: no pg_dump fits the server.
    """
    now = datetime.now(UTC)
    name = f"seogo-{now.strftime(STAMP)}-{secrets.token_hex(2)}"
    with store.workplace() as folder, backups.snapshot(url) as (conn, snapshot):
        path = folder / f"{name}{ARCHIVE}{PART}"
        path.touch(mode=0o600)
        try:
            with writing_lock(path):
                manifest = _write_archive(url, path, now, conn, snapshot, on_step)
                on_step("storing", 0, 0)
                store.put(path, name + ARCHIVE)
                store.write(name + MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        finally:
            path.unlink(missing_ok=True)
    if keep:
        prune(store, keep, now)
    return manifest


def _write_archive(
    url: str, path: Path, now: datetime, conn: Conn, snapshot: str, on_step: OnStep
) -> BackupManifest:
    """Write the archive and build its manifest."""
    revision = _revision(conn)
    found = fetch(conn, backups.server())[0]
    _dump(url, path, snapshot, found.postgresql_major, on_step)
    on_step("fingerprints", 0, 0)
    return BackupManifest(
        name=path.name.removesuffix(ARCHIVE + PART),
        made_at=now,
        seogo=version("seogo"),
        revision=revision,
        server=found,
        bytes=path.stat().st_size,
        sha256=sha256_of(path),
        roles=[row.name for row in fetch(conn, backups.granted_roles())],
        spaces=fetch(conn, backups.spaces()),
        fingerprints=fetch(conn, backups.fingerprints()),
    )


def _revision(conn: Conn) -> str:
    revision = migrate.current_revision(conn)
    if revision is None or migrate.pending(conn):
        raise BackupError(
            f"the schema (revision {revision}) is not this program's ({migrate.head_revision()})",
            "run `seogo db upgrade`, or back up with the program that the schema belongs to",
        )
    return revision


def _dump(url: str, path: Path, snapshot: str, major: int, on_step: OnStep) -> None:
    command: list[str | Path] = [
        programs.find("pg_dump", major),
        "--format=custom",
        "--no-owner",
        "--no-unlogged-table-data",
        "--verbose",
        "--no-password",
        f"--snapshot={snapshot}",
        f"--file={path}",
        f"--dbname={connect.redacted(url)}",
    ]
    done = 0

    def line(text: str) -> None:
        nonlocal done
        if "dumping contents of table" in text:
            done += 1
            on_step("tables", done, 0)

    last = run_program(command, url, line)
    if last is not None:
        raise BackupError(
            f"pg_dump failed: {last}", "nothing was stored; the server's log says more"
        )


def run_program(command: list[str | Path], url: str, on_line: OnText) -> str | None:
    """Run a client program; returns its last lines of output where it fails, else None."""
    words: list[str] = []
    with subprocess.Popen(
        command,
        env=programs.environment(url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as running:
        try:
            assert running.stderr is not None
            for text in running.stderr:
                on_line(text)
                words = [*words[-4:], text.strip()]
        except BaseException:
            running.kill()
            raise
    return None if running.returncode == 0 else " | ".join(words) or f"code {running.returncode}"
