"""Creating a backup: per database pg_dump and fingerprints of one snapshot, then the manifest."""

from __future__ import annotations

import secrets
import subprocess
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec

from db import connect, migrate
from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import backups
from db.server import programs
from jobs.backup.manifest import (
    ARCHIVE,
    MANIFEST,
    STAMP,
    Archive,
    BackupError,
    BackupManifest,
    ShardArchive,
    prune,
    sha256_of,
)
from jobs.backup.store import PART, writing_lock
from jobs.types import silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from db.operations.backups import Snapshot
    from jobs.backup.store import Store
    from jobs.types import Conn, OnStep, OnText


def create(
    url: str,
    store: Store,
    *,
    keep: int = 0,
    on_step: OnStep = silent,
    shard_urls: Mapping[str, str] | None = None,
) -> BackupManifest:
    """Back up a database, and its shards as of the same moment, while they are in use.

    Nothing counts until the manifest is there; interrupted at any point, what is left is listed as
    incomplete and removed by a later backup.

    The role of `url` must own the schema. Of complete backups `keep` stay, this one included; 0: all.
    `shard_urls`: where shards are reached from here, if not by their addresses on the coordinator.

    Raises:
        BackupError: a shard does not answer; pg_dump failed, with its last words; the schema is not this
            program's. Nothing was stored then.
        ProgramMissing: no pg_dump fits the server.
    """
    now = datetime.now(UTC)
    name = f"seogo-{now.strftime(STAMP)}-{secrets.token_hex(2)}"
    places = shard_places(url, shard_urls or {})
    with store.workplace() as folder, ExitStack() as stack:
        held = stack.enter_context(_held(url, places))
        paths: list[Path] = []
        made: list[Archive] = []
        try:
            for at, snapshot, label in zip(
                (url, *places.values()), held, (None, *places), strict=True
            ):
                archive = name if label is None else f"{name}.{label}"
                paths.append(folder / f"{archive}{ARCHIVE}{PART}")
                paths[-1].touch(mode=0o600)
                stack.enter_context(writing_lock(paths[-1]))
                made.append(_write_archive(at, paths[-1], snapshot, _named(label, on_step)))
            manifest = _manifest(made, list(places), now)
            on_step("storing", 0, 0)
            for path, one in zip(paths, made, strict=True):
                store.put(path, one.name + ARCHIVE)
            store.write(name + MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        finally:
            for path in paths:
                path.unlink(missing_ok=True)
    if keep:
        prune(store, keep, now)
    return manifest


def shard_places(url: str, given: Mapping[str, str]) -> dict[str, str]:
    """URLs of the shards of the database under a URL, by name; those given replace its addresses.

    Raises:
        BackupError: one is given of a shard that there is not.
    """
    with connect.open_connection(url, autocommit=True) as conn:
        if migrate.pending(conn):
            return {}  # which is told by who looks at the revision
        found = {one.shard: one.url for one in fetch(conn, backups.shard_addresses())}
    if strange := sorted(given.keys() - found.keys()):
        raise BackupError(f"there is no shard {', '.join(strange)}", "see `seogo shard list`")
    return found | dict(given)


@contextmanager
def _held(url: str, places: Mapping[str, str]) -> Iterator[list[Snapshot]]:
    """Snapshots of the database and its shards, of one moment."""
    for name, place in places.items():
        try:
            connect.open_connection(place).close()
        except SeogoDbError as exc:
            raise BackupError(
                f"shard {name} does not answer: {exc}",
                "nothing was stored: a backup takes all shards or none. See `seogo shard doctor`",
            ) from exc
    with backups.snapshots([url, *places.values()]) as held:
        yield held


def _named(label: str | None, on_step: OnStep) -> OnStep:
    """Progress that says which shard it is about."""
    if label is None:
        return on_step
    return lambda what, done, total: on_step(f"shard {label}: {what}", done, total)


def _manifest(made: list[Archive], shards: list[str], now: datetime) -> BackupManifest:
    first, *others = (msgspec.structs.asdict(one) for one in made)
    parts = [ShardArchive(**one, shard=name) for one, name in zip(others, shards, strict=True)]
    return BackupManifest(**first, made_at=now, shards=parts, format=2 if parts else 1)


def _write_archive(url: str, path: Path, snapshot: Snapshot, on_step: OnStep) -> Archive:
    """Write the archive of a database and describe it."""
    conn = snapshot.conn
    revision = _revision(conn)
    found = fetch(conn, backups.server())[0]
    _dump(url, path, snapshot.name, found.postgresql_major, on_step)
    on_step("fingerprints", 0, 0)
    return Archive(
        name=path.name.removesuffix(ARCHIVE + PART),
        seogo=version("seogo"),
        revision=revision,
        server=found,
        bytes=path.stat().st_size,
        sha256=sha256_of(path),
        roles=[row.name for row in fetch(conn, backups.granted_roles())],
        spaces=fetch(conn, backups.spaces()),
        fingerprints=fetch(conn, backups.fingerprints()),
        point=snapshot.point,
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
