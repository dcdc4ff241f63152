"""Answers of the database that may be a few seconds old."""

import time
from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K")
T = TypeVar("T")

MAX_REMEMBERED = 1000


class _Entry(NamedTuple, Generic[T]):
    value: T
    until: float


class Remembered(Generic[K, T]):
    """Asks once per `ttl_s` and key; errors are not remembered."""

    def __init__(self, ask: Callable[[K], Awaitable[T]], ttl_s: float) -> None:
        self._ask = ask
        self._ttl_s = ttl_s
        self._entries: dict[K, _Entry[T]] = {}

    async def get(self, key: K) -> T:
        """The answer for a key; raises what asking raises."""
        entry = self._entries.get(key)
        if entry is None or entry.until < time.monotonic():
            value = await self._ask(key)
            if len(self._entries) >= MAX_REMEMBERED:  # names come from clients: do not grow forever
                self._entries.clear()
            entry = self._entries[key] = _Entry(value, time.monotonic() + self._ttl_s)
        return entry.value

    def forget(self) -> None:
        """Ask again next time."""
        self._entries.clear()
