"""A cache of answers that may be some time old."""

import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

MAX_KEYS = 1000


class TtlCache(Generic[K, T]):
    """Asks once per `ttl_s` and key; errors are not kept, nor keys that others have pushed out."""

    def __init__(self, ask: Callable[[K], Awaitable[T]], ttl_s: float) -> None:
        self._ask = ask
        self._ttl_s = ttl_s
        self._entries: dict[K, tuple[T, float]] = {}

    async def get(self, key: K) -> T:
        """The answer for a key; raises what asking raises."""
        now = time.monotonic()
        entry = self._entries.get(key)
        if entry is None or entry[1] <= now:
            entry = (await self._ask(key), now + self._ttl_s)
        self._entries.pop(key, None)
        self._entries[key] = entry  # the last to be dropped
        if len(self._entries) > MAX_KEYS:  # keys come from clients: do not grow for ever
            del self._entries[next(iter(self._entries))]
        return entry[0]

    def forget(self, key: K) -> None:
        """Drop the answer for a key."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Drop all answers."""
        self._entries.clear()
