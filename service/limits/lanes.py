"""Limits of requests at once: for each key, and for keys whose requests are costly.

A key that asks for much waits for others that do; who asks for little waits for nobody.
"""

import math
import time
from collections.abc import Callable
from typing import NamedTuple

from service.http.presence import Visit, current_visit
from service.limits.turns import Turns

# What a request may take before it counts against its key.
FREE_S = 0.5
# So much more within the last seconds, and the key's requests go into the lane of the costly ones.
COSTLY_S = 1.0
FORGET_S = 10.0
# A statement that runs so long is costly, whoever asks.
LONG_S = 1.0
MAX_REMEMBERED = 10_000
# Answers that go on for as long as somebody looks at them, for each key.
ENDLESS_PER_KEY = 8


class _Use(NamedTuple):
    """Costs of a key, as they were at a moment."""

    seconds: float
    at: float


class Lanes:
    """Turns of requests. Belongs to one event loop."""

    def __init__(
        self,
        *,
        per_key: int,
        costly: int,
        wait_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Create the lanes.

        Args:
            per_key: requests of a key that are worked on at once.
            costly: requests of costly keys that are worked on at once, of all of them.
            wait_s: how long a request waits for its turn.
            clock: seconds since some moment.
        """
        self._clock = clock
        self._uses: dict[str, _Use] = {}
        self._costly = Turns(all_keys=costly, wait_s=wait_s, used=self.used)
        self._turns = Turns(per_key=per_key, wait_s=wait_s)
        self._endless = Turns(per_key=ENDLESS_PER_KEY, wait_s=0)

    async def admit(self, who: str, *, endless: bool) -> None:
        """Count the request that is being answered as one of a key, before anything is done for it.

        Args:
            who: the key.
            endless: the answer goes on for as long as somebody looks at it.

        Raises:
            TooManyRequests: the key has too many under way.
        """
        visit = current_visit()
        if visit is not None and not visit.who:
            visit.who = who
            turns = self._endless if endless else self._turns
            await visit.held.enter_async_context(turns.held(who))

    async def begin(self) -> None:
        """Begin to work on the request that is being answered, once it is its turn.

        Raises:
            Overloaded: too many costly requests are under way.
        """
        visit = current_visit()
        if visit is None or visit.working:
            return
        visit.working = True
        if self.used(visit.who) > COSTLY_S:
            await self._costly.take(visit.who)
            self._hold(visit)
        visit.held.callback(self._end, visit.who, self._clock())

    def costly(self) -> bool:
        """Take a turn of the costly ones if there is one: whether a request found costly may go on."""
        visit = current_visit()
        if visit is None or visit.costly:
            return True
        if not self._costly.take_now(visit.who):
            return False
        self._hold(visit)
        return True

    def _hold(self, visit: Visit) -> None:
        visit.costly = True
        visit.held.callback(self._costly.give, visit.who)

    def _end(self, who: str, began: float) -> None:
        now = self._clock()
        if (took := now - began - FREE_S) > 0:
            if len(self._uses) >= MAX_REMEMBERED:
                self._uses.clear()
            self._uses[who] = _Use(self.used(who) + took, now)

    def used(self, who: str) -> float:
        """Seconds that costly requests of a key took lately, fading."""
        use = self._uses.get(who)
        if use is None:
            return 0.0
        return use.seconds * math.exp((use.at - self._clock()) / FORGET_S)
