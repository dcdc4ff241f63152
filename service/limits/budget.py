"""Memory that requests in flight may take together, counted as what their input becomes."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple, TypeAlias

from litestar.exceptions import HTTPException

from service.errors import Overloaded, TooMuchMemory
from service.http.presence import current, who
from service.limits.grants import granted

# Less is not counted: how many requests there are is bounded elsewhere.
UNCOUNTED = 64 * 1024
STEP = 1024 * 1024
# Nobody keeps more than this part, however little the others want.
SHARE = 0.75
WAIT_S = 10.0


# Told the size of each piece of a body.
Piece: TypeAlias = Callable[[int], Awaitable[None]]


class _Waiting(NamedTuple):
    who: str
    size: int
    granted: asyncio.Future[None]


class Budget:
    """Bytes for all, and a share for each key. Belongs to one event loop.

    Who asks for more than is free waits for it, in turn.
    """

    def __init__(self, size: int, wait_s: float = WAIT_S) -> None:
        self._size = size
        self._share = int(size * SHARE)
        self._wait_s = wait_s
        self._used = 0
        self._by: Counter[str] = Counter()
        self._waiting: deque[_Waiting] = deque()

    @property
    def share(self) -> int:
        """Bytes that a key may take at most."""
        return self._share

    @property
    def used(self) -> int:
        """Bytes that are taken now."""
        return self._used

    async def keep(self, size: int) -> None:
        """Take bytes until the request that is being answered is over; raises as `room`."""
        visit = current()
        if visit is None or size <= 0:
            return
        await self._take(visit.who, size)
        visit.held.callback(self._give, visit.who, size)

    def counter(self, most: int | None, copies: int = 2) -> Piece:
        """What is told the size of each piece of a body that is kept: takes as much memory.

        Args:
            most: bytes that the body may have; None: somebody else looks to that.
            copies: how often it is kept; 2: the pieces, and then all of them in one.
        """
        came, taken = 0, UNCOUNTED

        async def piece(size: int) -> None:
            nonlocal came, taken
            came += size
            if most is not None and came > most:
                raise HTTPException(f"the body is larger than {most:,} bytes", status_code=413)
            if (lacks := copies * came - taken) > 0:
                step = max(lacks, STEP)
                await self.keep(step)
                taken += step

        return piece

    @asynccontextmanager
    async def room(self, size: int) -> AsyncIterator[None]:
        """Take bytes for as long as the block lasts.

        Raises:
            TooMuchMemory: nobody gets so many.
            Overloaded: they were not free in time.
        """
        mine = who()
        await self._take(mine, size)
        try:
            yield
        finally:
            self._give(mine, size)

    async def _take(self, mine: str, size: int) -> None:
        if size > self._share:
            raise TooMuchMemory(size, self._share)
        # Small ones need not wait behind one for which much has to become free.
        if (not self._waiting or size <= self._size // 64) and self._fits(mine, size):
            self._grant(mine, size)
            return
        waiting = _Waiting(mine, size, asyncio.get_running_loop().create_future())
        give = partial(self._give, mine, size)
        try:
            await granted(self._waiting, waiting, self._wait_s, wake=self._wake, give=give)
        except TimeoutError as exc:
            raise Overloaded(
                f"{size:,} bytes of memory were not free within {self._wait_s:g} s"
            ) from exc

    def _fits(self, mine: str, size: int) -> bool:
        return self._used + size <= self._size and self._by[mine] + size <= self._share

    def _grant(self, mine: str, size: int) -> None:
        self._used += size
        self._by[mine] += size

    def _give(self, mine: str, size: int) -> None:
        self._used -= size
        self._by[mine] -= size
        if not self._by[mine]:
            del self._by[mine]
        self._wake()

    def _wake(self) -> None:
        """Serve who waits, in turn; who waits for a share of their own holds up nobody."""
        for one in list(self._waiting):
            if self._used + one.size > self._size:
                return
            if self._fits(one.who, one.size) and not one.granted.done():
                self._waiting.remove(one)
                self._grant(one.who, one.size)
                one.granted.set_result(None)
