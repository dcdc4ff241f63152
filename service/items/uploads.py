"""Bodies of bulk uploads: JSON lines as they arrive, zip archives and forms with pictures."""

import asyncio
import tempfile
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO

from litestar.datastructures import UploadFile

from db.errors import BadRequest
from db.items.rows import MediaIn
from encoders.pictures.sources import FileNames, PictureUnavailable
from service.items.archives import members
from service.items.picture_files import Urls

MANIFEST = "manifest.jsonl"
# What reading a damaged, encrypted or unusual archive raises.
DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError)
# Lines are handed on by so many, or so many bytes; the first one need not wait for the last.
LINES_AT_ONCE = 200
BYTES_AT_ONCE = 8 * 1024 * 1024
# The list of its files that an archive has: some 100,000 of them, each a few hundred bytes once read.
LARGEST_DIRECTORY = 8 * 1024 * 1024
MOST_FILES = 100_000
# Pictures are unpacked as often as items name them; all together so many times what may be uploaded.
UNPACKED_TIMES = 2
IN_MEMORY = 8 * 1024 * 1024

Numbered = list[tuple[int, bytes]]
# Reads a file, at most so many bytes.
Read = Callable[[int], bytes]


class UploadedFiles:
    """Pictures of an upload, by the path that items name; URLs go where they always go."""

    def __init__(self, files: FileNames[Read], urls: Urls, limit: int, most: int) -> None:
        """Set the files and their limits.

        Args:
            files: those of the upload.
            urls: reads what has a URL.
            limit: bytes of the largest picture.
            most: bytes of an upload; pictures may have twice as many together, once unpacked.
        """
        self._files = files
        self._urls = urls
        self._limit = limit
        self._left = UNPACKED_TIMES * most
        # A zip archive is one file underneath: one reader at a time.
        self._turn = asyncio.Lock()

    async def read(self, media: MediaIn) -> bytes:
        """The bytes of a picture.

        Raises:
            PictureUnavailable: there is no such file, it is too large or damaged.
        """
        if media.path is None:
            return await self._urls.read(media)
        read = self._files.find(media.path)
        try:
            async with self._turn:
                # What an archive says of sizes is not to be believed: no more than that is read.
                data = await asyncio.to_thread(read, self._limit + 1)
        except DAMAGED as exc:
            raise PictureUnavailable(f"cannot be unpacked: {exc}") from exc
        if len(data) > self._limit:
            raise PictureUnavailable(f"too-large: over {self._limit:,} bytes")
        self._left -= len(data)
        if self._left < 0:
            raise PictureUnavailable("the pictures of this upload are too large together")
        return data


def files_of_zip(archive: zipfile.ZipFile, manifest: zipfile.ZipInfo) -> FileNames[Read]:
    """The files of an archive, by their path from where the manifest is."""
    inside = list(members(archive))
    base = next(one.path for one in inside if one.info is manifest).rpartition("/")[0]
    base = f"{base}/" if base else ""

    files = (one for one in inside if one.info is not manifest)
    named = (
        (one.path.removeprefix(base), partial(_read_member, archive, one.info)) for one in files
    )
    return FileNames(named, "in the archive")


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> bytes:
    with archive.open(info) as file:
        return file.read(size)


def files_of_form(files: Iterable[UploadFile]) -> FileNames[Read]:
    """The pictures of a form, by the names they were sent with."""
    named = ((file.filename, partial(_read_upload, file)) for file in files)
    return FileNames(named, "in the form")


def _read_upload(upload: UploadFile, size: int) -> bytes:
    upload.file.seek(0)
    return upload.file.read(size)


def open_archive(file: IO[bytes]) -> zipfile.ZipFile:
    """A zip archive.

    Raises:
        BadRequest: it is none, or has too many files.
    """
    try:
        with _bounded_reads(file, LARGEST_DIRECTORY):
            archive = zipfile.ZipFile(file)
    except DAMAGED as exc:
        raise BadRequest(f"the upload is no zip archive: {exc}") from exc
    if len(archive.infolist()) > MOST_FILES:
        raise _too_many_files()
    return archive


def open_zip(file: IO[bytes]) -> tuple[zipfile.ZipFile, zipfile.ZipInfo]:
    """A zip archive and its list of items: `manifest.jsonl`, or the only file ending in `.jsonl`.

    Raises:
        BadRequest: it is no archive, or there is no manifest, or several.
    """
    archive = open_archive(file)
    inside = [one for one in members(archive) if one.path.lower().endswith(".jsonl")]
    named = [one for one in inside if one.path.rpartition("/")[2] == MANIFEST]
    chosen = [one.info for one in named or inside]
    if len(chosen) != 1:
        raise BadRequest(
            f"the archive has {len(chosen)} files that could be the list of items",
            f"Put one {MANIFEST} into it: an item per line, its pictures by path.",
        )
    if chosen[0].flag_bits & 1:
        raise BadRequest("the archive is encrypted")
    return archive, chosen[0]


async def lines_of(stream: AsyncIterator[bytes], longest: int) -> AsyncIterator[Numbered]:
    """Split a stream into numbered lines, handed on while the rest is on its way; none is blank.

    Raises:
        BadRequest: a line is longer than `longest` bytes.
    """
    number, begun, batch, size = 0, bytearray(), Numbered(), 0
    async for piece in stream:
        begun += piece
        if b"\n" in piece:
            *lines, begun[:] = begun.split(b"\n")
            whole = [(number + at, bytes(line)) for at, line in enumerate(lines, start=1)]
            batch += (one for one in whole if one[1].strip())
            number += len(lines)
            size = sum(len(line) for _, line in batch)
        if len(begun) > longest:
            raise _too_long(number + 1, longest)
        if len(batch) >= LINES_AT_ONCE or size >= BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    last = [(number + 1, bytes(begun))] if begun.strip() else []
    yield batch + last


async def lines_in(file: IO[bytes], longest: int, most: int) -> AsyncIterator[Numbered]:
    """Numbered lines of a file, read in a thread and counted as they are read: it may be packed.

    Raises:
        BadRequest: a line is longer than `longest` bytes, or all are longer than `most`.
    """
    batches = _batches(file, longest, most)
    while (batch := await asyncio.to_thread(next, batches, None)) is not None:
        yield batch


def _batches(file: IO[bytes], longest: int, most: int) -> Iterator[Numbered]:
    batch, size, total = Numbered(), 0, 0
    try:
        for number, line in enumerate(iter(lambda: file.readline(longest + 2), b""), start=1):
            total += len(line)
            if len(line) > longest + 1:
                raise _too_long(number, longest)
            if total > most:
                raise BadRequest(f"the list of items is larger than {most:,} bytes")
            if line.strip():
                batch.append((number, line))
                size += len(line)
            if len(batch) >= LINES_AT_ONCE or size >= BYTES_AT_ONCE:
                yield batch
                batch, size = [], 0
    except DAMAGED as exc:
        raise BadRequest(f"the list of items cannot be read: {exc}") from exc
    yield batch


@contextmanager
def _bounded_reads(file: IO[bytes], most: int) -> Iterator[None]:
    """Refuse to read much at once: an archive says itself how long the list of its files is."""
    read = file.read

    def bounded(size: int = -1, /) -> bytes:
        if size > most:
            raise _too_many_files()
        return read(size)

    file.read = bounded  # type: ignore[method-assign]
    try:
        yield
    finally:
        file.read = read  # type: ignore[method-assign]


def _too_many_files() -> BadRequest:
    return BadRequest(
        f"the archive has more than {MOST_FILES:,} files, or names that are too long",
        "Send it in several parts.",
    )


async def spool(stream: AsyncIterator[bytes]) -> IO[bytes]:
    """Write a stream into a temporary file, in memory while it is small. The caller closes it."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
    try:
        async for piece in stream:
            if file.tell() + len(piece) > IN_MEMORY:
                await asyncio.to_thread(file.write, piece)
            else:
                file.write(piece)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _too_long(number: int, longest: int) -> BadRequest:
    return BadRequest(f"line {number} is longer than {longest:,} bytes (SEOGO_MAX_BODY_MB)")
