"""Turns: so many at once for all, and for each key; who has had least is the next."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

from service.errors import Overloaded, TooManyRequests
from service.limits.grants import granted


class _Waiting(NamedTuple):
    who: str
    granted: asyncio.Future[None]


class Turns:
    """Belongs to one event loop."""

    def __init__(
        self,
        *,
        all_keys: int = sys.maxsize,
        per_key: int = sys.maxsize,
        wait_s: float | None = None,
        used: Callable[[str], float] = lambda _: 0.0,
    ) -> None:
        """Make turns.

        Args:
            all_keys: how many there are.
            per_key: how many a key may have.
            wait_s: how long one is waited for; None: for ever.
            used: how much a key has had lately; of those that wait, who had least is the next.
        """
        self._free = all_keys
        self._per_key = per_key
        self._wait_s = wait_s
        self._used = used
        self._had: Counter[str] = Counter()
        self._waiting: list[_Waiting] = []

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """A turn for as long as the block lasts; raises as `take`."""
        await self.take(who)
        try:
            yield
        finally:
            self.give(who)

    def taken(self, who: str) -> bool:
        """Take a turn if there is one now."""
        if not self._may(who):
            return False
        self._grant(who)
        return True

    async def take(self, who: str) -> None:
        """Wait for a turn.

        Raises:
            TooManyRequests: the key has too many.
            Overloaded: others have them all.
        """
        if not self._waiting and self.taken(who):
            return
        waiting = _Waiting(who, asyncio.get_running_loop().create_future())
        give = partial(self.give, who)
        try:
            await granted(self._waiting, waiting, self._wait_s, wake=self._next, give=give)
        except TimeoutError as exc:
            raise self._refusal(who) from exc

    def give(self, who: str) -> None:
        """Give a turn back."""
        self._free += 1
        self._had[who] -= 1
        if not self._had[who]:  # keys come and go
            del self._had[who]
        self._next()

    def _refusal(self, who: str) -> Exception:
        if self._had[who] >= self._per_key:
            return TooManyRequests(1)
        return Overloaded(
            f"no turn within {self._wait_s:g} s: others have asked for much",
            "Try again later, or ask for less: a narrower filter, fewer hits, a shorter query.",
        )

    def _may(self, who: str) -> bool:
        return self._free > 0 and self._had[who] < self._per_key

    def _grant(self, who: str) -> None:
        self._free -= 1
        self._had[who] += 1

    def _next(self) -> None:
        while self._free > 0:
            may = [one for one in self._waiting if self._may(one.who) and not one.granted.done()]
            if not may:
                return
            one = min(may, key=lambda one: (self._had[one.who], self._used(one.who)))
            self._waiting.remove(one)
            self._grant(one.who)
            one.granted.set_result(None)
