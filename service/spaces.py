"""Which embedding spaces are live, remembered for a few seconds."""

import time
from typing import NamedTuple

from db import ops
from db.rows import Space
from service.callers import Caller
from service.database import Database

MAX_REMEMBERED = 1000


class _Entry(NamedTuple):
    spaces: list[Space]
    until: float


class LiveSpaces:
    """Live spaces of a collection, or of all (None); asked of the database once per `ttl_s`.

    A space that is retired or re-made is noticed after `ttl_s`, or when a search with it fails.
    """

    def __init__(self, database: Database, ttl_s: float) -> None:
        self._database = database
        self._ttl_s = ttl_s
        self._entries: dict[str | None, _Entry] = {}

    async def of(self, collection: str | None = None) -> list[Space]:
        """Live spaces that a collection feeds; none for a collection that does not exist."""
        entry = self._entries.get(collection)
        if entry is None or entry.until < time.monotonic():
            spaces = await self._database.fetch(ops.live_spaces(collection=collection))
            if len(self._entries) >= MAX_REMEMBERED:  # names come from clients: do not grow forever
                self._entries.clear()
            entry = _Entry(spaces, time.monotonic() + self._ttl_s)
            self._entries[collection] = entry
        return entry.spaces

    async def seen_by(self, caller: Caller) -> list[Space]:
        """Live spaces that the collections of a caller feed; all, for one who sees all collections."""
        if caller.collections is None:
            return await self.of()
        found = {space.space: space for name in caller.collections for space in await self.of(name)}
        return [found[name] for name in sorted(found)]

    def forget(self) -> None:
        """Ask again next time."""
        self._entries.clear()
