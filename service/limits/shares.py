"""Shares: a quantity that requests take from, so much all together and so much for each key."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple


class _Place(NamedTuple):
    """A place in the queue."""

    who: str
    size: int
    granted: asyncio.Future[None]


class Shares:
    """Grants parts of a quantity, and lets others wait for them. Belongs to one event loop.

    Whoever waits for the share of their own key holds up nobody; whoever waits for more than is free
    holds up those behind, so that a large part is granted at all.
    """

    def __init__(
        self,
        total: int,
        per_key: int,
        wait_s: float | None,
        order: Callable[[str], Any] = lambda _: 0,
    ) -> None:
        """Create the quantity.

        Args:
            total: what all keys may have together.
            per_key: what a key may have.
            wait_s: seconds to wait for a part at most; None: for ever.
            order: of the keys that wait, the one with the least value is served next; where it is
                equal, whoever came first.
        """
        self._total = total
        self._per_key = per_key
        self._wait_s = wait_s
        self._order = order
        self._used = 0
        self._by_key: Counter[str] = Counter()
        self._waiting: list[_Place] = []

    @property
    def used(self) -> int:
        """The amount that is taken now."""
        return self._used

    @asynccontextmanager
    async def held(self, who: str, size: int = 1) -> AsyncIterator[None]:
        """Take a part for as long as the block lasts; raises as `take`."""
        await self.take(who, size)
        try:
            yield
        finally:
            self.give(who, size)

    def take_now(self, who: str, size: int = 1) -> bool:
        """Take a part if it is free now; returns whether it was."""
        if self._used + size > self._total or not self._within_share(who, size):
            return False
        self._used += size
        self._by_key[who] += size
        return True

    async def take(self, who: str, size: int = 1) -> None:
        """Wait for a part of the quantity.

        Raises:
            ServiceError: it was not free in time; see `_refusal`.
        """
        # Small ones need not wait behind one for which much has to become free.
        if (not self._waiting or size <= self._total // 64) and self.take_now(who, size):
            return
        place = _Place(who, size, asyncio.get_running_loop().create_future())
        self._waiting.append(place)
        self._serve()
        try:
            async with asyncio.timeout(self._wait_s):
                await place.granted
        except BaseException as exc:
            if place in self._waiting:
                self._waiting.remove(place)
                self._serve()
            else:  # granted in the very moment in which nobody waited any more
                self.give(who, size)
            if isinstance(exc, TimeoutError):
                raise self._refusal(who, size) from exc
            raise

    def give(self, who: str, size: int = 1) -> None:
        """Give a part back."""
        self._used -= size
        self._by_key[who] -= size
        if not self._by_key[who]:  # keys come and go
            del self._by_key[who]
        self._serve()

    def _refusal(self, who: str, size: int) -> Exception:
        """The error for whoever was not served in time."""
        raise NotImplementedError

    def _within_share(self, who: str, size: int) -> bool:
        return self._by_key[who] + size <= self._per_key

    def _serve(self) -> None:
        while may := [
            one
            for one in self._waiting
            if self._within_share(one.who, one.size) and not one.granted.done()
        ]:
            place = min(may, key=lambda one: self._order(one.who))
            if not self.take_now(place.who, place.size):
                return
            self._waiting.remove(place)
            place.granted.set_result(None)
