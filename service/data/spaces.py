"""Live embedding spaces, cached for a few seconds."""

from db.spaces import embedding
from db.spaces.rows import Space
from service.auth.callers import Caller
from service.data.database import Database
from service.data.ttl_cache import TtlCache


class LiveSpaces:
    """Live spaces of a collection, or of all (None); asked of the database once per `ttl_s`.

    A space that is retired or re-made is noticed after `ttl_s`, or when a search with it fails.
    """

    def __init__(self, database: Database, ttl_s: float) -> None:
        self._database = database
        self._cache: TtlCache[str | None, list[Space]] = TtlCache(self._live, ttl_s)

    async def of(self, collection: str | None = None) -> list[Space]:
        """Live spaces that a collection feeds; none for a collection that does not exist."""
        return await self._cache.get(collection)

    async def seen_by(self, caller: Caller) -> list[Space]:
        """Live spaces that the collections of a caller feed; all, for one who sees all collections."""
        if caller.collections is None:
            return await self.of()
        found = {space.space: space for name in caller.collections for space in await self.of(name)}
        return [found[name] for name in sorted(found)]

    def forget(self) -> None:
        """Ask again next time."""
        self._cache.clear()

    async def _live(self, collection: str | None) -> list[Space]:
        return await self._database.fetch(embedding.live_spaces(collection=collection))
