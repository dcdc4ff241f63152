"""Manifests of backups, and the list of backups in a store."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from db.operations.backups import Fingerprint, Point, Server, SpaceInfo
from jobs.errors import JobError

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.backup.store import Store

ARCHIVE, MANIFEST = ".dump", ".json"
NAME = re.compile(r"seogo-(\d{8}T\d{6}Z)-[0-9a-f]{4}")
STAMP = "%Y%m%dT%H%M%SZ"
# Unfinished backups of this age are abandoned.
GIVEN_UP = timedelta(days=1)


class BackupError(JobError):
    """There is no such backup, or it is unusable."""


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """The archive of one database: its origin, and the fingerprints a copy must have.

    `bytes` and `sha256` are of the archive, `name.dump`; `roles` those that its grants name: roles themselves
    belong to the server and are not in it. `point`: the moment that it is of; None in old manifests.
    """

    name: str
    seogo: str
    revision: str
    server: Server
    bytes: int
    sha256: str
    roles: list[str]
    spaces: list[SpaceInfo]
    fingerprints: list[Fingerprint]
    point: Point | None = None


class ShardArchive(Archive, frozen=True, kw_only=True):
    """The archive of a shard of the coordinator that was backed up; `name` is `BACKUP.SHARD`."""

    shard: str


class BackupManifest(Archive, frozen=True, kw_only=True):
    """The manifest of a backup: of a database, and of its shards, all of one moment.

    Format 2 has shards, so that a program that does not know of them refuses it.
    """

    made_at: datetime
    shards: list[ShardArchive] = []
    format: Literal[1, 2] = 1

    @property
    def archives(self) -> list[Archive]:
        """Those of the shards, then that of the database itself."""
        return [*self.shards, self]

    @property
    def items(self) -> int:
        """Number of items in all collections, on shards too; copies that moves have kept count."""
        found = (f for archive in self.archives for f in archive.fingerprints)
        return sum(f.n for f in found if f.kind == "collection")

    @property
    def total_bytes(self) -> int:
        """Size of all archives."""
        return sum(archive.bytes for archive in self.archives)


class Listed(msgspec.Struct, frozen=True):
    """An entry of a store: a backup, or one without a manifest (None).

    `trouble` is the reason why it is unusable; None: none known, the checksum is compared on use. `running`:
    it is being written at this moment.
    """

    name: str
    bytes: int
    manifest: BackupManifest | None
    trouble: str | None = None
    running: bool = False

    @property
    def begun_at(self) -> datetime:
        """The time it was begun; without a manifest, the end of the second in its name.

        So that it is never taken for older than one of the same second.
        """
        if self.manifest is not None:
            return self.manifest.made_at
        return _stamp(self.name).replace(microsecond=999_999)


def _stamp(name: str) -> datetime:
    found = NAME.fullmatch(name)
    assert found is not None
    return datetime.strptime(found[1], STAMP).replace(tzinfo=UTC)


def listed(store: Store) -> list[Listed]:
    """List the entries of a store, the oldest first.

    Raises:
        StoreError: the store cannot be read.
    """
    sizes = store.sizes()
    names = {found[0] for file in sizes if (found := NAME.match(file.lstrip(".")))}
    # Not by name: two may be of one second.
    entries = [_entry(store, name, sizes) for name in names]
    return sorted(entries, key=lambda entry: (entry.begun_at, entry.name))


def _entry(store: Store, name: str, sizes: dict[str, int]) -> Listed:
    archive = sizes.get(name + ARCHIVE)
    if name + MANIFEST not in sizes:
        files = [file for file in sizes if file.startswith(name)]
        part = sum(sizes[file] for file in files)
        if store.busy(files):
            return Listed(name, part, None, "incomplete: it is still being made", running=True)
        return Listed(name, part, None, "incomplete: never finished, or its manifest is gone")
    try:
        manifest = msgspec.json.decode(store.read(name + MANIFEST), type=BackupManifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, OSError, JobError) as exc:
        return Listed(name, archive or 0, None, f"damaged: its manifest cannot be read: {exc}")
    if manifest.name != name or manifest.made_at.replace(microsecond=0) != _stamp(name):
        return Listed(name, archive or 0, None, f"damaged: its manifest is of {manifest.name}")
    trouble = next(filter(None, (_archive_trouble(one, sizes) for one in manifest.archives)), None)
    found = sum(sizes.get(one.name + ARCHIVE, 0) for one in manifest.archives)
    return Listed(name, found, manifest, trouble)


def _archive_trouble(archive: Archive, sizes: dict[str, int]) -> str | None:
    """The reason why an archive is damaged, as far as its size tells."""
    of = f" of shard {archive.shard}" if isinstance(archive, ShardArchive) else ""
    found = sizes.get(archive.name + ARCHIVE)
    if found is None:
        return f"damaged: its archive{of} is missing"
    if found != archive.bytes:
        return f"damaged: {found:,} bytes{of} instead of {archive.bytes:,}"
    return None


def newest(entries: list[Listed]) -> Listed | None:
    """The latest entry, whatever its state, but for those still being made."""
    return next((entry for entry in reversed(entries) if not entry.running), None)


def newest_usable(entries: list[Listed]) -> BackupManifest | None:
    """The latest backup without known trouble."""
    return next((e.manifest for e in reversed(entries) if e.trouble is None), None)


def chosen(store: Store, name: str) -> BackupManifest:
    """Find the backup of a name; `latest` is the newest, never an older one in its place.

    Raises:
        BackupError: no backup has that name, or it is incomplete or damaged.
        StoreError: the store cannot be read.
    """
    entries = listed(store)
    if name == "latest":
        entry = newest(entries)
        if entry is None:
            raise BackupError("there is no complete backup", "make one: `seogo backup create`")
        if entry.manifest is None or entry.trouble:
            raise BackupError(f"the newest backup, {entry.name}: {entry.trouble}", _older(entries))
        return entry.manifest
    for entry in entries:
        if entry.name == name.removesuffix(ARCHIVE):
            if entry.manifest is None or entry.trouble:
                raise BackupError(f"{entry.name}: {entry.trouble}", "see `seogo backup list`")
            return entry.manifest
    raise BackupError(f"there is no backup {name}", "see `seogo backup list`")


def _older(entries: list[Listed]) -> str:
    older = newest_usable(entries)
    if older is None:
        return "there is no complete one; make one: `seogo backup create`"
    return f"make a new one, or name an older one: {older.name}, made {older.made_at:%Y-%m-%d %H:%M} UTC"


def prune(store: Store, keep: int, now: datetime) -> list[str]:
    """Delete complete backups but the newest `keep` (0: none), and abandoned ones; returns their names."""
    entries = listed(store)
    whole = [e.name for e in entries if e.manifest is not None and e.trouble is None]
    gone = whole[:-keep] if keep else []
    for entry in entries:
        unfinished = entry.trouble is not None and entry.trouble.startswith("incomplete")
        if unfinished and not entry.running and now - entry.begun_at > GIVEN_UP:
            gone.append(entry.name)
    files = list(store.sizes()) if gone else []
    for name in gone:
        # The manifest first: without it the rest counts as nothing.
        store.remove(name + MANIFEST)
        for file in files:
            if file.startswith(name):
                store.remove(file)
    return gone


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
