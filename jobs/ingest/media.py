"""Where the bytes of pictures come from, and what is made of them before they are stored."""

from __future__ import annotations

import base64
import binascii
import os
import unicodedata
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from db.pictures import Decoded
from encoders import pictures
from encoders.errors import EncoderError
from encoders.text import clean
from jobs.errors import JobError
from jobs.ingest.download import Downloader, MediaUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from db.rows import MediaIn

THUMBNAIL_SIDE = 320


class MediaIndex:
    """The files below a folder, found by path or, where it is the only one of that name, by name.

    Nothing is guessed: no other ending, no other case, no pattern. Names are compared in Unicode's
    composed form, because some file systems keep them decomposed. Links that lead out of the folder
    are not followed, and what is no regular file (a pipe would never end) is none.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._by_path: dict[str, Path] = {}
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = Path(folder, name)
                if path.is_file() and path.resolve().is_relative_to(self.root):
                    self._by_path[_composed(path.relative_to(self.root).as_posix())] = path
                    self._by_name[_composed(name)].append(path)

    def find(self, named: str) -> Path:
        """The file that a record means.

        Raises:
            MediaUnavailable: there is none, or several of that name.
        """
        wanted = _composed(named.replace("\\", "/")).removeprefix("./")
        if path := self._by_path.get(wanted):
            return path
        same = self._by_name.get(PurePosixPath(wanted).name, [])
        if len(same) == 1:
            return same[0]
        if same:
            raise MediaUnavailable(f"{len(same)} files of that name below {self.root.name}/")
        raise MediaUnavailable(
            f"no such file among the {len(self._by_path):,} below {self.root.name}/"
        )


class MediaSource:
    """Reads and decodes pictures ahead of those who store them, in a few threads."""

    def __init__(
        self,
        root: Path | None,
        *,
        allow_urls: bool = False,
        limits: pictures.Limits = pictures.DEFAULT_LIMITS,
        threads: int = 2,
    ) -> None:
        """Prepare to read.

        Args:
            root: folder that paths are found in, indexed when a record first names one; None where
                records name none.
            allow_urls: fetch pictures that records name by URL, from public addresses.
            limits: the largest picture taken.
            threads: pictures decoded at the same time.
        """
        self._root = root
        self._index: MediaIndex | None = None
        self._limits = limits
        self._downloader = Downloader(limits.bytes) if allow_urls else None
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="seogo-decode")

    def close(self) -> None:
        """Stop the threads; what waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._downloader is not None:
            self._downloader.close()

    def prepare(self, media: Sequence[MediaIn]) -> list[Future[Decoded | str]]:
        """Begin to read and decode; each result is the picture, or the reason why there is none."""
        named = any(one.path is not None for one in media)
        if named and self._index is None and self._root is not None:
            self._index = MediaIndex(self._root)
        return [self._threads.submit(self._prepared, one) for one in media]

    def _prepared(self, media: MediaIn) -> Decoded | str:
        try:
            return decoded(self._bytes(media), self._limits)
        except (JobError, EncoderError, OSError) as exc:
            return clean(str(exc)) or type(exc).__name__

    def _bytes(self, media: MediaIn) -> bytes:
        if media.base64 is not None:
            return _from_base64(media.base64)
        if media.url is not None:
            if self._downloader is None:
                raise MediaUnavailable("pictures are not fetched from URLs unless that is allowed")
            return self._downloader.fetch(media.url)
        if self._index is None:
            raise MediaUnavailable("the records name pictures by path: give their folder")
        path = self._index.find(media.path or "")
        if path.stat().st_size > self._limits.bytes:
            raise MediaUnavailable(f"too-large: {path.stat().st_size:,} bytes")
        return path.read_bytes()


def decoded(data: bytes, limits: pictures.Limits = pictures.DEFAULT_LIMITS) -> Decoded:
    """Decode a picture to see that it can be, and make its thumbnail.

    Raises:
        PictureInvalid: it is none, is damaged, or exceeds the limits.
    """
    picture = pictures.decode(data, limits)
    return Decoded(
        data=data,
        media_type=pictures.media_type(data),
        width=picture.shape[1],
        height=picture.shape[0],
        thumbnail=pictures.thumbnail(picture, THUMBNAIL_SIDE),
    )


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text.partition("base64,")[2] or text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise MediaUnavailable(f"not base64: {exc}") from exc


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)
