"""What lies beside an archive and says what is in it."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from db.backups import Fingerprint, Server, SpaceInfo
from jobs.backup.store import PART
from jobs.errors import JobError

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.backup.store import Store

ARCHIVE, MANIFEST = ".dump", ".json"
NAME = re.compile(r"seogo-(\d{8}T\d{6}Z)-[0-9a-f]{4}")
STAMP = "%Y%m%dT%H%M%SZ"
# What is unfinished for so long was given up by whoever began it.
GIVEN_UP = timedelta(days=1)


class BackupError(JobError):
    """There is no such backup, or it cannot be used."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A backup: when and of what it was made, and what a copy of it must agree with.

    Attributes:
        name: of the backup; its archive is `name.dump`.
        seogo: version of the program.
        revision: of the schema.
        bytes: size of the archive.
        sha256: of the archive, in hex.
        roles: roles that grants in the archive name. Roles themselves belong to the server and
            are not in it.
    """

    name: str
    made_at: datetime
    seogo: str
    revision: str
    server: Server
    bytes: int
    sha256: str
    roles: list[str]
    spaces: list[SpaceInfo]
    fingerprints: list[Fingerprint]
    format: Literal[1] = 1

    @property
    def items(self) -> int:
        """Items in all collections."""
        return sum(f.n for f in self.fingerprints if f.kind == "collection")


class Listed(msgspec.Struct, frozen=True):
    """An entry of a store: a backup, or (`manifest` None) what is left of one that was never finished."""

    name: str
    bytes: int
    manifest: Manifest | None
    trouble: str | None = None

    @property
    def begun_at(self) -> datetime:
        """When it was begun; to the second where no manifest says it better."""
        if self.manifest is not None:
            return self.manifest.made_at
        return datetime.strptime(NAME.match(self.name)[1], STAMP).replace(tzinfo=UTC)  # type: ignore[index]


def listed(store: Store) -> list[Listed]:
    """What is in a store, the oldest first."""
    sizes = store.sizes()
    names = {found[0] for file in sizes if (found := NAME.match(file.lstrip(".")))}
    # Not by name: two may be of one second.
    entries = [_entry(store, name, sizes) for name in names]
    return sorted(entries, key=lambda entry: (entry.begun_at, entry.name))


def _entry(store: Store, name: str, sizes: dict[str, int]) -> Listed:
    archive = sizes.get(name + ARCHIVE)
    if archive is None or name + MANIFEST not in sizes:
        part = archive or sizes.get(name + ARCHIVE + PART, 0)
        return Listed(name, part, None, "incomplete: it was never finished")
    try:
        manifest = msgspec.json.decode(store.read(name + MANIFEST), type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        return Listed(name, archive, None, f"its manifest cannot be read: {exc}")
    if archive != manifest.bytes:
        told = f"damaged: {archive:,} bytes instead of {manifest.bytes:,}"
        return Listed(name, archive, manifest, told)
    return Listed(name, archive, manifest)


def chosen(store: Store, name: str) -> Manifest:
    """The backup of a name; `latest` is the newest that is complete.

    Raises:
        BackupError: there is none of that name, or it is incomplete or damaged.
    """
    entries = listed(store)
    if name == "latest":
        whole = [e.manifest for e in entries if e.manifest is not None and e.trouble is None]
        if not whole:
            raise BackupError("there is no complete backup", "make one: `seogo backup create`")
        return whole[-1]
    for entry in entries:
        if entry.name == name.removesuffix(ARCHIVE):
            if entry.manifest is None or entry.trouble:
                raise BackupError(f"{entry.name}: {entry.trouble}", "see `seogo backup list`")
            return entry.manifest
    raise BackupError(f"there is no backup {name}", "see `seogo backup list`")


def prune(store: Store, keep: int, now: datetime) -> list[str]:
    """Delete complete backups but the newest `keep` (0: none), and what was given up; their names."""
    entries = listed(store)
    whole = [e.name for e in entries if e.manifest is not None and e.trouble is None]
    gone = whole[:-keep] if keep else []
    for entry in entries:
        unfinished = entry.trouble is not None and entry.trouble.startswith("incomplete")
        if unfinished and now - entry.begun_at > GIVEN_UP:
            gone.append(entry.name)
    for name in gone:
        # The manifest first: without it the rest counts as nothing.
        for suffix in (MANIFEST, ARCHIVE, ARCHIVE + PART, MANIFEST + PART):
            store.remove(name + suffix)
    return gone


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
