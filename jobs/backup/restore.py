"""Restoring a backup into a new database, comparing fingerprints, and switching to it."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from psycopg.conninfo import make_conninfo

from db import connect, migrate
from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import backups, database_swap
from db.operations import shards as shard_calls
from db.server import programs
from jobs.backup.create import run_program, shard_places
from jobs.backup.manifest import ARCHIVE, STAMP, BackupError, sha256_of
from jobs.types import OnStep, silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from jobs.backup.manifest import Archive, BackupManifest
    from jobs.backup.store import Store


WORDS = re.compile(r"pg_restore: (?:creating|processing data for|executing) ")
LOOK_S = 0.5
# Of 63; "_before_", the moment and four letters follow.
NAME_BYTES = 32
# Checks of shards that a restored coordinator must pass.
BELONGING = {"reachable", "version", "number", "settings", "slots", "spaces"}


class Restored(msgspec.Struct, frozen=True):
    """A restored database whose fingerprints match the backup; `shards`: those of its shards, by name."""

    database: str
    url: str
    shards: dict[str, str]


def restore(
    url: str,
    store: Store,
    manifest: BackupManifest,
    *,
    on_step: OnStep = silent,
    shard_urls: Mapping[str, str] | None = None,
) -> Restored:
    """Restore into a new database beside the one under `url`, and compare; indexes are rebuilt.

    Shards are restored each beside its own database, or beside that of `shard_urls`, and the new coordinator
    knows the new ones. Databases are brought up to this program's revision when they have been found
    equal. Where anything fails all of them are dropped again.

    Raises:
        BackupError: an archive is damaged (with its name), was made by a newer program, names
            roles that the server has not, or the copy is not the same; nobody knows where a shard is to be,
            or its server does not answer.
        SeogoDbError: a database cannot be made.
    """
    places = _places(url, manifest, shard_urls or {})
    _reach(places, manifest)
    made: dict[str, tuple[str, str]] = {}  # per archive the server's URL and the database's name
    try:
        for archive in manifest.archives:
            at = places[archive.name]
            name = f"{_short(database_swap.database_of(at))}_{_stamp()}"
            new_url = _copy(at, store, archive, name, on_step)
            made[archive.name] = (at, name)
            on_step("statistics", 0, 0)
            with connect.open_connection(new_url, autocommit=True) as conn:
                conn.execute("VACUUM (ANALYZE)")
            migrate.upgrade(new_url)
        shards = {one.shard: made[one.name] for one in manifest.shards}
        _introduce(new_url, {k: make_conninfo(at, dbname=name) for k, (at, name) in shards.items()})
    except BaseException:
        for at, name in made.values():
            backups.drop(at, name)
        raise
    return Restored(name, new_url, {key: name for key, (_, name) in shards.items()})


def _places(url: str, manifest: BackupManifest, given: Mapping[str, str]) -> dict[str, str]:
    """Per archive the URL beside whose database it is to be restored."""
    known = (shard_places(url, {}) | dict(given)) if manifest.shards else {}
    names = {one.shard for one in manifest.shards}
    if strange := sorted(given.keys() - names):
        raise BackupError(f"{manifest.name} has no shard {', '.join(strange)}")
    if unknown := sorted(names - known.keys()):
        raise BackupError(
            f"nobody knows where shard {', '.join(unknown)} is to be restored",
            f"name a server: --shard {unknown[0]}=postgresql://user:password@host/database",
        )
    return {one.name: known[one.shard] for one in manifest.shards} | {manifest.name: url}


def _reach(places: Mapping[str, str], manifest: BackupManifest) -> None:
    """Check that the servers of shards answer, before anything is restored."""
    for one in manifest.shards:
        try:
            connect.open_connection(places[one.name]).close()
        except SeogoDbError as exc:
            raise BackupError(
                f"the server of shard {one.shard} does not answer: {exc}",
                f"restore it on another one: --shard {one.shard}=postgresql://user:password@host/database",
            ) from exc


def _introduce(url: str, shards: Mapping[str, str]) -> None:
    """Tell a restored coordinator where its restored shards are, and check that they belong together."""
    if not shards:
        return
    with connect.open_connection(url, autocommit=True) as conn:
        for name, at in shards.items():
            fetch(conn, shard_calls.add_shard(name=name, url=at))
        checks = fetch(conn, shard_calls.shard_checks())
    wrong = [f"{c.shard}: {c.detail}" for c in checks if not c.ok and c.item in BELONGING]
    if wrong:
        raise BackupError(f"what was restored does not belong together: {'; '.join(wrong[:5])}")


def verify(url: str, store: Store, manifest: BackupManifest, *, on_step: OnStep = silent) -> None:
    """Restore into scratch databases on the server under `url`, one after the other, compare, drop again.

    Archives of shards too: no shard is disturbed, nor needed.

    Raises:
        Exception: as `restore`.
    """
    for nth, archive in enumerate(manifest.archives):
        name = f"seogo_verify_{manifest.name.rpartition('-')[2]}_{nth}_{os.getpid()}"
        _copy(url, store, archive, name, on_step)
        backups.drop(url, name)


def switch(url: str, database: str) -> str:
    """Rename a database to that of `url`; returns the new name of the one it replaces.

    The way back is to switch to that name.

    Raises:
        SeogoDbError: the server does not let us, or there is no such database; nothing is changed.
    """
    live = database_swap.database_of(url)
    kept = f"{_short(live)}_before_{_stamp()}"
    database_swap.switch(url, database, kept)
    return kept


def _short(name: str) -> str:
    """Shorten a name, as the server cuts names after 63 bytes."""
    return name.encode()[:NAME_BYTES].decode(errors="ignore")


def _stamp() -> str:
    return f"{datetime.now(UTC).strftime(STAMP).lower()}_{secrets.token_hex(2)}"


def _copy(url: str, store: Store, archive: Archive, name: str, on_step: OnStep) -> str:
    """Restore into a new database; drop it where it differs from the backup."""
    _check(url, archive)
    with store.fetched(archive.name + ARCHIVE) as path:
        on_step("checksum", 0, 0)
        _check_archive(path, archive)
        backups.prepare_server(url)
        new_url = backups.create(url, name)
        try:
            _fill(new_url, path, archive, on_step)
            on_step("fingerprints", 0, 0)
            same = _major(new_url) == archive.server.postgresql_major
            found = backups.read_fingerprints(new_url)
            wrong = backups.differences(archive.fingerprints, found, spelling=same)
            if wrong:
                raise BackupError(f"{archive.name}: the copy differs: {'; '.join(wrong[:5])}")
        except BaseException:
            backups.drop(url, name)
            raise
    return new_url


def _check(url: str, archive: Archive) -> None:
    if archive.revision not in migrate.revisions():
        raise BackupError(
            f"{archive.name} is of revision {archive.revision}, which this program does not know",
            f"restore it with Seogo {archive.seogo} or newer",
        )
    with connect.open_connection(url) as conn:
        major = conn.info.server_version // 10000
        missing = fetch(conn, backups.missing_roles(names=archive.roles))
    if major < archive.server.postgresql_major:
        raise BackupError(
            f"{archive.name} is of PostgreSQL {archive.server.postgresql_major}; the server is {major}",
            "restore it on a server of that version or a newer one",
        )
    if missing:
        names = ", ".join(row.name for row in missing)
        raise BackupError(
            f"{archive.name} grants rights to roles that this server does not have: {names}",
            "roles belong to a server, not to a database: make them first with CREATE ROLE",
        )


def _check_archive(path: Path, archive: Archive) -> None:
    if not path.exists() or sha256_of(path) != archive.sha256:
        raise BackupError(
            f"{archive.name}{ARCHIVE} is damaged: its SHA-256 is not that of the archive",
            "take another backup (`seogo backup list`); nothing was changed",
        )


def _fill(url: str, path: Path, archive: Archive, on_step: OnStep) -> None:
    major = _major(url)
    program = programs.find("pg_restore", major)
    total = _entries(program, path)
    command: list[str | Path] = [
        program,
        "--no-owner",
        "--exit-on-error",
        "--verbose",
        "--no-password",
        f"--jobs={max(2, min(8, os.cpu_count() or 2))}",
        f"--dbname={connect.redacted(url)}",
        path,
    ]
    done = 0

    def line(text: str) -> None:
        nonlocal done
        done += bool(WORDS.match(text))
        on_step("objects", min(done, total), total)

    with _reporting_index_builds(url, on_step):
        failure = run_program(command, url, line)
    if failure is not None:
        raise BackupError(
            f"{archive.name}: pg_restore failed: {failure}",
            f"if it is newer than the server: install postgresql-client-{major} and put it on the PATH",
        )


def _major(url: str) -> int:
    with connect.open_connection(url) as conn:
        return conn.info.server_version // 10000


def _entries(program: Path, path: Path) -> int:
    """Count the entries of an archive."""
    done = subprocess.run([program, "--list", path], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{path.name} is no archive of pg_dump: {done.stderr.strip()}")
    return sum(bool(line) and not line.startswith(";") for line in done.stdout.splitlines())


@contextmanager
def _reporting_index_builds(url: str, on_step: OnStep) -> Iterator[None]:
    """Report the progress of index builds, which take longest, from a thread."""
    over = threading.Event()

    def look() -> None:
        try:
            with connect.open_connection(
                url, autocommit=True, application_name="seogo-progress"
            ) as conn:
                while not over.wait(LOOK_S):
                    for build in fetch(conn, backups.index_builds()):
                        on_step(f"{build.index} {build.phase}", build.done, build.total)
        except SeogoDbError:
            return  # the restore itself reports it

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
