"""Pictures that items name by URL; those of an upload are in `service.items.uploads`."""

import asyncio
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from db.items.rows import MediaIn
from encoders.pictures.sources import PORTS, Downloader, PictureUnavailable
from service.http.presence import current_key
from service.limits.turns import Turns

# Servers of strangers may keep a thread for as long as a fetch may take.
AT_ONCE = 8
PER_KEY = 2


class Urls:
    """Fetches pictures from public addresses, where that is allowed."""

    def __init__(self, max_bytes: int, *, allowed: bool, ports: Collection[int] = PORTS) -> None:
        self._downloader = Downloader(max_bytes, ports) if allowed else None
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="seogo-urls")
        self._turns = Turns(per_key=PER_KEY)

    def close(self) -> None:
        """Stop the threads; what waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._downloader is not None:
            self._downloader.close()

    async def read(self, media: MediaIn) -> bytes:
        """The bytes behind a URL.

        Raises:
            PictureUnavailable: it does not answer, or URLs are not allowed, or it names no URL.
        """
        if media.url is None:
            raise PictureUnavailable("a path names a file of a bulk upload; send base64 here")
        if self._downloader is None:
            raise PictureUnavailable("pictures are not fetched from URLs (SEOGO_ALLOW_URLS)")
        async with self._turns.held(current_key()):
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._downloader.fetch, media.url)
