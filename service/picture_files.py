"""The files that items name by URL; those of an upload are in `service.uploads`."""

import asyncio

from db.rows import MediaIn
from encoders.picture_sources import Downloader, PictureUnavailable


class Urls:
    """Fetches pictures from public addresses, where that is allowed."""

    def __init__(self, max_bytes: int, *, allowed: bool) -> None:
        self._downloader = Downloader(max_bytes) if allowed else None

    def close(self) -> None:
        """Close the connections."""
        if self._downloader is not None:
            self._downloader.close()

    async def read(self, media: MediaIn) -> bytes:
        """The bytes behind a URL.

        Raises:
            PictureUnavailable: they cannot be had, or URLs are not allowed, or it names no URL.
        """
        if media.url is None:
            raise PictureUnavailable("a path names a file of a bulk upload; send base64 here")
        if self._downloader is None:
            raise PictureUnavailable("pictures are not fetched from URLs (SEOGO_ALLOW_URLS)")
        return await asyncio.to_thread(self._downloader.fetch, media.url)
