"""Pictures of records: reading, downloading and decoding them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from db.operations.readings import Decoded
from encoders.errors import EncoderError
from encoders.pictures import decoding
from encoders.pictures.sources import Downloader, FileNames, PictureUnavailable, from_base64
from encoders.text.rendering import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future

    from db.rows import MediaIn

THUMBNAIL_SIDE = 320


def files_below(folder: Path) -> FileNames[Path]:
    """Index the files below a folder by path and name.

    Links that lead out of it are not followed, nor are pipes and devices read.
    """
    root = folder.resolve()

    def found() -> Iterator[tuple[str, Path]]:
        for below, _, names in os.walk(root):
            for name in names:
                path = Path(below, name)
                if path.is_file() and path.resolve().is_relative_to(root):
                    yield path.relative_to(root).as_posix(), path

    return FileNames(found(), f"below {root.name}/")


class MediaSource:
    """Reads and decodes pictures ahead, in a few threads."""

    def __init__(
        self,
        root: Path | None,
        *,
        allow_urls: bool = False,
        limits: decoding.Limits = decoding.DEFAULT_LIMITS,
        threads: int = 2,
    ) -> None:
        """Prepare to read.

        `root` is indexed when a record first names a path; `threads` pictures are decode_picture at a time.
        """
        self._root = root
        self._index: FileNames[Path] | None = None
        self._limits = limits
        self._downloader = Downloader(limits.bytes) if allow_urls else None
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="seogo-decode")

    def close(self) -> None:
        """Stop the threads; what waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._downloader is not None:
            self._downloader.close()

    def prepare(self, media: Sequence[MediaIn]) -> list[Future[Decoded | str]]:
        """Begin to read and decode; each result is the picture, or the reason of its failure."""
        named = any(one.path is not None for one in media)
        if named and self._index is None and self._root is not None:
            self._index = files_below(self._root)
        return [self._threads.submit(self._prepared, one) for one in media]

    def _prepared(self, media: MediaIn) -> Decoded | str:
        try:
            return decode_picture(self._bytes(media), self._limits)
        except (EncoderError, OSError) as exc:
            return clean(str(exc)) or type(exc).__name__

    def _bytes(self, media: MediaIn) -> bytes:
        if media.base64 is not None:
            return from_base64(media.base64)
        if media.url is not None:
            if self._downloader is None:
                raise PictureUnavailable("fetching pictures from URLs is not allowed")
            return self._downloader.fetch(media.url)
        if self._index is None:
            raise PictureUnavailable("the records name pictures by path: give their folder")
        path = self._index.find(media.path or "")
        if path.stat().st_size > self._limits.bytes:
            raise PictureUnavailable(f"too-large: {path.stat().st_size:,} bytes")
        return path.read_bytes()


def decode_picture(data: bytes, limits: decoding.Limits = decoding.DEFAULT_LIMITS) -> Decoded:
    """Decode a picture as a check, and make its thumbnail.

    Raises:
        PictureInvalid: it is no picture, is damaged, or exceeds the limits.
    """
    picture = decoding.decode(data, limits)
    return Decoded(
        data=data,
        media_type=decoding.media_type(data),
        width=picture.shape[1],
        height=picture.shape[0],
        thumbnail=decoding.thumbnail(picture, THUMBNAIL_SIDE),
    )
