"""Stores of backups: a folder, or an object store through fsspec (S3 and others)."""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Iterator

PART = ".part"


class StoreError(JobError):
    """The target of backups is unusable."""


class Store(Protocol):
    """Files by name; writing is atomic."""

    def workplace(self) -> AbstractContextManager[Path]:
        """A folder for files that are then `put`."""

    def put(self, path: Path, name: str) -> None:
        """Move a file of the workplace to its name, durably."""

    def fetched(self, name: str) -> AbstractContextManager[Path]:
        """A local copy of a file."""

    def write(self, name: str, content: bytes) -> None:
        """Write a small file, whole."""

    def read(self, name: str) -> bytes:
        """Read a small file."""

    def sizes(self) -> dict[str, int]:
        """All files with their sizes in bytes; unfinished ones are called `….part`."""

    def remove(self, name: str) -> None:
        """Delete a file, if it is there."""

    def busy(self, names: list[str]) -> bool:
        """Whether one of these files is being written (`writing_lock`)."""


@contextmanager
def writing_lock(path: Path) -> Iterator[None]:
    """Lock a file while it is being written; the lock survives renaming."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def open_store(target: str) -> Store:
    """Open the store under a path or a URL.

    Raises:
        StoreError: the package for the URL is missing, or it cannot be reached.
    """
    if "://" in target and not target.startswith("file://"):
        return RemoteStore(target)
    return FolderStore(Path(target.removeprefix("file://")).expanduser())


class FolderStore:
    """A folder that only its owner can read, created by the first backup."""

    def __init__(self, folder: Path) -> None:
        """Nothing is touched yet."""
        self.folder = folder

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """The folder itself, made where it is missing: a rename is atomic within a file system only."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreError(
                f"cannot make the folder {self.folder}: {exc.strerror}",
                "name a folder that this user may write to: --target, or SEOGO_BACKUP_TARGET",
            ) from exc
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise StoreError(
                f"{self.folder}: this user may not write there",
                "name another folder: --target, or SEOGO_BACKUP_TARGET",
            )
        yield self.folder

    def put(self, path: Path, name: str) -> None:
        """Rename, once the content is on disk."""
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.replace(self.folder / name)
        self._sync_folder()

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        """The file where it lies."""
        yield self.folder / name

    def write(self, name: str, content: bytes) -> None:
        """Write beside, then `put`."""
        beside = self.folder / f"{name}{PART}"
        beside.touch(mode=0o600)
        beside.write_bytes(content)
        self.put(beside, name)

    def read(self, name: str) -> bytes:
        """The content."""
        return (self.folder / name).read_bytes()

    def sizes(self) -> dict[str, int]:
        """The files of the folder; one being renamed may be left out."""
        found: dict[str, int] = {}
        try:
            for file in self.folder.iterdir():
                with suppress(FileNotFoundError):
                    if file.is_file():
                        found[file.name] = file.stat().st_size
        except FileNotFoundError as exc:
            raise StoreError(
                f"there are no backups in {self.folder}: No such file or directory",
                "check --target or SEOGO_BACKUP_TARGET; the first backup makes its folder",
            ) from exc
        except OSError as exc:
            raise StoreError(
                f"cannot read the backups in {self.folder}: {exc.strerror}",
                "check --target or SEOGO_BACKUP_TARGET",
            ) from exc
        return found

    def busy(self, names: list[str]) -> bool:
        """Whether the lock of a writer is held."""
        for name in names:
            with (
                suppress(FileNotFoundError, PermissionError),
                (self.folder / name).open("rb") as file,
            ):
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return True
        return False

    def remove(self, name: str) -> None:
        """Unlink."""
        (self.folder / name).unlink(missing_ok=True)

    def _sync_folder(self) -> None:
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class RemoteStore:
    """A folder of an object store; uploads appear when they are complete."""

    def __init__(self, url: str) -> None:
        """Find the store by the URL's scheme; its credentials are where its own tools look."""
        self._url = url
        try:
            from fsspec.core import url_to_fs

            self._fs, self._root = url_to_fs(url)
        except (ImportError, ValueError) as exc:
            raise StoreError(
                f"cannot use {url}: {exc}", "for s3:// run `pip install 'seogo[s3]'`"
            ) from exc
        self._root = str(self._root).rstrip("/")

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """A temporary folder."""
        with tempfile.TemporaryDirectory(prefix="seogo-backup-") as folder:
            yield Path(folder)

    def put(self, path: Path, name: str) -> None:
        """Upload."""
        with self._explained():
            self._fs.put_file(str(path), self._path(name))

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        """Download."""
        with self.workplace() as folder:
            with self._explained():
                self._fs.get_file(self._path(name), str(folder / name))
            yield folder / name

    def write(self, name: str, content: bytes) -> None:
        """Upload."""
        with self._explained():
            self._fs.pipe_file(self._path(name), content)

    def read(self, name: str) -> bytes:
        """Download."""
        with self._explained():
            content: bytes = self._fs.cat_file(self._path(name))
        return content

    def sizes(self) -> dict[str, int]:
        """The files of the folder; none where it does not exist yet."""
        self._fs.invalidate_cache()
        try:
            with self._explained():
                listed = self._fs.ls(self._root, detail=True)
        except FileNotFoundError:
            return {}
        files = [entry for entry in listed if entry["type"] == "file"]
        return {entry["name"].rpartition("/")[2]: int(entry["size"]) for entry in files}

    def remove(self, name: str) -> None:
        """Delete."""
        with self._explained():
            if self._fs.exists(self._path(name)):
                self._fs.rm_file(self._path(name))

    def busy(self, names: list[str]) -> bool:
        """Never: an archive is uploaded when it is complete, and its manifest follows at once."""
        return False

    @contextmanager
    def _explained(self) -> Iterator[None]:
        # Each kind of store raises exceptions of its own: no credentials, no bucket, no network.
        try:
            yield
        except FileNotFoundError:
            raise
        except Exception as exc:
            raise StoreError(
                f"cannot use {self._url}: {exc}",
                "check the address, the network and the credentials of the object store",
            ) from exc

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"
