"""Waiting until something is granted: a place in a queue that leaves nothing behind when it is given up."""

import asyncio
from collections.abc import Callable, MutableSequence
from typing import Protocol, TypeVar


class Waiter(Protocol):
    """A place in a queue; whoever serves the queue takes it out and sets the future."""

    @property
    def granted(self) -> asyncio.Future[None]:
        """Done once the place was served."""


W = TypeVar("W", bound=Waiter)


async def granted(
    queue: MutableSequence[W],
    mine: W,
    wait_s: float | None,
    *,
    wake: Callable[[], None],
    give: Callable[[], None],
) -> None:
    """Stand in a queue until served.

    Args:
        queue: who waits; `mine` is added at its end.
        mine: one's place.
        wait_s: seconds to wait at most; None: for ever.
        wake: serves the queue; called when somebody came or went.
        give: gives back what was granted in the very moment in which nobody waited any more.

    Raises:
        TimeoutError: not served in time.
    """
    queue.append(mine)
    wake()
    try:
        async with asyncio.timeout(wait_s):
            await mine.granted
    except BaseException:
        if mine in queue:
            queue.remove(mine)
            wake()
        else:
            give()
        raise
