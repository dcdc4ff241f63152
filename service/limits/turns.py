"""Turns: so many at once for all keys, and for each; the key that has had least is the next."""

import sys
from collections.abc import Callable

from service.errors import Overloaded, TooManyRequests
from service.limits.shares import Shares


class Turns(Shares):
    """Turns to do something, taken one at a time."""

    def __init__(
        self,
        *,
        all_keys: int = sys.maxsize,
        per_key: int = sys.maxsize,
        wait_s: float | None = None,
        used: Callable[[str], float] = lambda _: 0.0,
    ) -> None:
        """Create turns.

        Args:
            all_keys: how many there are.
            per_key: how many a key may have.
            wait_s: seconds to wait for one at most; None: for ever.
            used: how much a key has had lately; decides between keys that have equally many turns.
        """
        super().__init__(all_keys, per_key, wait_s, lambda who: (self._by_key[who], used(who)))

    def _refusal(self, who: str, size: int) -> Exception:
        if not self._within_share(who, size):
            return TooManyRequests(1)
        return Overloaded(
            f"no turn within {self._wait_s:g} s: others have asked for much",
            "Try again later, or ask for less: a narrower filter, fewer hits, a shorter query.",
        )
