"""The memory budget of requests in flight, counted as what their bodies become once decoded."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from litestar.exceptions import HTTPException

from service.errors import Overloaded, TooMuchMemory
from service.http.presence import current_key, current_visit
from service.limits.shares import Shares

# Less is not counted: how many requests there are is bounded elsewhere.
UNCOUNTED = 64 * 1024
STEP = 1024 * 1024
# Nobody keeps more than this part, however little the others want.
SHARE = 0.75
WAIT_S = 10.0
# Called with the size of each piece of a body.
Piece: TypeAlias = Callable[[int], Awaitable[None]]


class Budget(Shares):
    """Bytes for all, and a share for each key; those who ask for more than is free wait, in turn."""

    def __init__(self, size: int, wait_s: float = WAIT_S) -> None:
        super().__init__(size, int(size * SHARE), wait_s)

    @property
    def share(self) -> int:
        """Bytes that a key may take at most."""
        return self._per_key

    async def keep(self, size: int) -> None:
        """Take bytes until the request that is being answered is over; raises as `take`."""
        visit = current_visit()
        if visit is None or size <= 0:
            return
        await self.take(visit.who, size)
        visit.held.callback(self.give, visit.who, size)

    def counter(self, most: int | None, copies: int = 2) -> Piece:
        """Build a counter of the pieces of a body that is kept, which takes as much memory.

        Args:
            most: bytes that the body may have; None: somebody else checks that.
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

    def room(self, size: int) -> AbstractAsyncContextManager[None]:
        """Take bytes for as long as the block lasts; raises as `take`."""
        return self.held(current_key(), size)

    async def take(self, who: str, size: int = 1) -> None:
        """Wait for bytes.

        Raises:
            TooMuchMemory: nobody gets so many.
            Overloaded: they were not free in time.
        """
        if size > self.share:
            raise TooMuchMemory(size, self.share)
        await super().take(who, size)

    def _refusal(self, who: str, size: int) -> Exception:
        return Overloaded(f"{size:,} bytes of memory were not free within {self._wait_s:g} s")
