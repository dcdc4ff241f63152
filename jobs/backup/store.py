"""Where archives lie: a folder, or an object store that fsspec knows (S3 and its like)."""

from __future__ import annotations

import os
import tempfile
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Iterator

PART = ".part"


class StoreError(JobError):
    """The target of backups cannot be used."""


class Store(Protocol):
    """Files by name. What is put is there completely or not at all."""

    def workplace(self) -> AbstractContextManager[Path]:
        """A folder in which to write what is then put."""

    def put(self, path: Path, name: str) -> None:
        """Move a file of the workplace to its name, so that a crash cannot lose it any more."""

    def fetched(self, name: str) -> AbstractContextManager[Path]:
        """The path of a local file with the content."""

    def write(self, name: str, content: bytes) -> None:
        """Write a small file, whole."""

    def read(self, name: str) -> bytes:
        """Read a small file."""

    def sizes(self) -> dict[str, int]:
        """All files with their sizes in bytes; unfinished ones are called `….part`."""

    def remove(self, name: str) -> None:
        """Delete a file, if it is there."""


def open_store(target: str) -> Store:
    """The store under a path or a URL.

    Raises:
        StoreError: the package for the URL is missing, or it cannot be reached.
    """
    if "://" in target and not target.startswith("file://"):
        return RemoteStore(target)
    return FolderStore(Path(target.removeprefix("file://")).expanduser())


class FolderStore:
    """A folder that only its owner can read."""

    def __init__(self, folder: Path) -> None:
        """Make the folder where it is missing."""
        self.folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreError(f"cannot make the folder {folder}: {exc.strerror}") from exc

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """The folder itself: a rename is atomic within a file system only."""
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
        """What is in the folder."""
        return {f.name: f.stat().st_size for f in self.folder.iterdir() if f.is_file()}

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
    """A folder of an object store; its uploads appear when they are complete."""

    def __init__(self, url: str) -> None:
        """Find the store by the URL's scheme; its credentials are where its own tools look."""
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
        self._fs.put_file(str(path), self._path(name))

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        """Download."""
        with self.workplace() as folder:
            self._fs.get_file(self._path(name), str(folder / name))
            yield folder / name

    def write(self, name: str, content: bytes) -> None:
        """Upload."""
        self._fs.pipe_file(self._path(name), content)

    def read(self, name: str) -> bytes:
        """Download."""
        content: bytes = self._fs.cat_file(self._path(name))
        return content

    def sizes(self) -> dict[str, int]:
        """What is in the folder; nothing where there is none yet."""
        self._fs.invalidate_cache()
        try:
            listed = self._fs.ls(self._root, detail=True)
        except FileNotFoundError:
            return {}
        files = [entry for entry in listed if entry["type"] == "file"]
        return {entry["name"].rpartition("/")[2]: int(entry["size"]) for entry in files}

    def remove(self, name: str) -> None:
        """Delete."""
        if self._fs.exists(self._path(name)):
            self._fs.rm_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"
